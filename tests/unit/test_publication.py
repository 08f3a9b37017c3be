"""Who publishes: an office's own file over the shipped values, and what is wrong with it in one sentence."""

from pathlib import Path

import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.publish.publication import Publication, read_publication


def test_without_a_file_the_shipped_values_stand(tmp_path: Path) -> None:
    assert read_publication(tmp_path / "publication.yaml") == read_publication()
    assert read_publication().agency == "AIS_INDICATORS"
    assert set(Publication.model_fields) == set(read_publication().model_dump())


def test_an_office_names_what_it_wants(tmp_path: Path) -> None:
    path = tmp_path / "publication.yaml"
    path.write_text("agency: NSO.SHIPS\nbase_url: https://office.example/ais/\n", encoding="utf-8")
    found = read_publication(path)
    assert (found.agency, found.structure_version) == ("NSO.SHIPS", "1.0")
    assert found.address("a.csv") == "https://office.example/ais/a.csv"
    assert read_publication().address("a.csv") == "a.csv"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("agency: my office", "publication.yaml: agency"),
        ("structure_version: one", "structure_version"),
        ("base_url: ftp://x", "base_url"),
        ("contact_email: nobody", "contact_email"),
        ("publisher_name: ' '", "publisher_name"),
        ("colour: blue", "it may hold agency, structure_version"),
        ("[1, 2]", "holds no names with values"),
        ("a: [", "is no YAML"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "publication.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=r"publication\.yaml") as error:
        read_publication(path)
    assert sentence in str(error.value)
