"""SDMX structures: each content has its own version, and whoever changes one changes the other."""

import pytest

from ais_indicators.publish.sdmx.versions import recorded_versions
from tests.contracts.structure_contents import content_hashes

HASHES = content_hashes()


def test_every_structure_has_a_version_and_no_version_is_of_nothing() -> None:
    assert HASHES.keys() == recorded_versions().keys()


@pytest.mark.parametrize("name", sorted(recorded_versions()))
def test_a_version_is_of_the_content_that_it_was_given_for(name: str) -> None:
    """Fails where content changed: raise the version in `schemas/codes/structure_versions.yaml` with the new hash."""
    assert recorded_versions()[name].sha256 == HASHES[name]
