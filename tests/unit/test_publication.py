"""Who publishes: an office's own file over the shipped values, and what is wrong with it in one sentence."""

from datetime import date
from pathlib import Path

import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.periods import Week
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
        ("doi: https://doi.org/10.1234/x", "doi"),
        ("release_lag_days: -1", "release_lag_days"),
        ("release_dates: {2026-51: 2026-12-23}", "release_dates"),
        ("colour: blue", "allowed are agency, structure_version"),
        ("[1, 2]", "has no names with values"),
        ("a: [", "invalid YAML"),
    ],
)
def test_what_cannot_be_used_is_reported_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "publication.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=r"publication\.yaml") as error:
        read_publication(path)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("text", "week", "day"),
    [
        ("release_lag_days: 2", "2026-W07", date(2026, 2, 18)),
        ("release_lag_days: 0", "2026-W53", date(2027, 1, 4)),
        ("release_lag_days: 2\nrelease_dates: {2026-W07: 2026-02-20}", "2026-W07", date(2026, 2, 20)),
        ("release_dates: {2026-W07: 2026-02-20}", "2026-W07", date(2026, 2, 20)),
        ("release_dates: {2026-W07: 2026-02-20}", "2026-W08", None),
        ("", "2026-W07", None),
    ],
)
def test_the_day_of_a_release_is_that_of_its_week_unless_another_is_named(
    tmp_path: Path, text: str, week: str, day: date | None
) -> None:
    path = tmp_path / "publication.yaml"
    path.write_text(text, encoding="utf-8")
    assert read_publication(path).release_date(Week.parse(week)) == day
