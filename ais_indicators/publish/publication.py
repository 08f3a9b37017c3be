"""Publisher, licence, and identifiers of the published data."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ais_indicators.errors import BadInputError
from ais_indicators.periods import DAYS_PER_WEEK, Week

PUBLICATION_FILE: Final = "publication.yaml"
_SHIPPED: Final = Path(__file__).with_name(PUBLICATION_FILE)

AgencyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*$")]
StructureVersion = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+){1,2}$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"{}|\\^`]+$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
WeekName = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$")]
Doi = Annotated[str, StringConstraints(pattern=r"^10\.[0-9]{4,9}/\S+$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Publication(BaseModel):
    """Facts about the publisher for descriptions.

    Attributes:
        agency: SDMX agency that maintains the structures: letters, digits, `_` and `-`, parts separated by dots.
        structure_version: First version of the SDMX structures of this agency, such as `1.0`.
        publisher_name: Name of the office.
        publisher_homepage: Its page.
        contact_email: Address for questions.
        licence_name: Short name of the licence of the data; SPDX and Open Definition names are understood best.
        licence_title: Its full name.
        licence_url: Its text.
        catalogue_title: Name of the collection that the data belong to.
        base_url: Web address of the folder with the exported files; without one, addresses are relative.
        language: Language of titles and descriptions, as two letters.
        doi: Digital object identifier of the series, for the citation.
        release_lag_days: Days from the Monday after a week to its release: 2 is the Wednesday; None if no release is
            announced.
        release_dates: Dates of weeks that are released on another day, such as before a holiday.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    agency: AgencyId
    structure_version: StructureVersion
    publisher_name: Text
    publisher_homepage: Address | None
    contact_email: Email | None
    licence_name: Text
    licence_title: Text
    licence_url: Address
    catalogue_title: Text
    base_url: Address | None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    doi: Doi | None
    release_lag_days: Annotated[int, Field(ge=0, le=366)] | None
    release_dates: Mapping[WeekName, date]

    @property
    def first_major(self) -> int:
        """Returns the first number of the first version of the structures: an integer, rounded up."""
        major, *rest = map(int, self.structure_version.split("."))
        return max(1, major + any(rest))

    def address(self, name: str) -> str:
        """Returns the address of a file: under the base address, or relative to the description."""
        return name if self.base_url is None else f"{self.base_url.rstrip('/')}/{name}"

    def release_date(self, week: Week) -> date | None:
        """Returns the day on which a week is to be released; None if that is not announced."""
        if week.name in self.release_dates or self.release_lag_days is None:
            return self.release_dates.get(week.name)
        return week.monday + timedelta(days=DAYS_PER_WEEK + self.release_lag_days)


@cache
def _shipped() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_SHIPPED.read_text(encoding="utf-8"))
    return content


def read_publication(path: Path | None = None) -> Publication:
    """Reads an office's own file, with the packaged values as defaults.

    Args:
        path: The office's file; values that it lacks, or a missing file, leave the packaged values.

    Raises:
        BadInputError: The file cannot be used.
    """
    if path is None or not path.is_file():
        return Publication.model_validate(_shipped())
    try:
        own = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInputError(f"{path.name}: invalid YAML ({error}); correct it") from error
    if not isinstance(own, dict):
        raise BadInputError(f"{path.name}: has no names with values; write lines such as `agency: MY_OFFICE`")
    try:
        return Publication.model_validate(_shipped() | own)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        known = ", ".join(Publication.model_fields)
        raise BadInputError(f"{path.name}: {where}: {first['msg']}; allowed are {known}") from error
