"""What a lake follows: ships, or planes where it was made for them. Never both."""

from typing import Final

from ais_indicators.contracts.model import all_tables
from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import is_table
from ais_indicators.io.store import lake_folder
from ais_indicators.rules import SHIPS, SUBJECTS, Subject
from ais_indicators.settings import Settings

MARK: Final = "_subject"
"""File of a lake that names what it follows; a lake without it follows ships."""


def lake_subject(settings: Settings) -> Subject:
    """What the lake follows.

    Raises:
        WrongUseError: The lake names something that this software does not know.
    """
    return as_subject((lake_folder(settings).text(MARK) or SHIPS).strip())


def as_subject(name: str) -> Subject:
    """The subject of that name.

    Raises:
        WrongUseError: There is none.
    """
    for subject in SUBJECTS:
        if subject == name:
            return subject
    raise WrongUseError(f"there is no subject '{name}'; choose {' or '.join(SUBJECTS)}")


def make_for(settings: Settings, subject: Subject) -> None:
    """Says what a lake follows, before it has its first table.

    Raises:
        WrongUseError: It is there already and follows something else.
    """
    is_there = any(is_table(settings, table) for table in all_tables())
    if is_there and lake_subject(settings) != subject:
        raise WrongUseError(
            f"the lake in {settings.lake_location} follows {lake_subject(settings)}, and a lake never follows both; "
            f"give {subject} a data folder of their own: `ais-indicators --data-dir FOLDER init --subject {subject}`"
        )
    lake_folder(settings).write_text(MARK, f"{subject}\n")


def refusal(what: str, holds: Subject, settings: Settings) -> str | None:
    """Why something that holds one subject cannot go into a lake; None where it can.

    Args:
        what: Name of the file.
        holds: What it tells of.
        settings: Whose lake.
    """
    lake = lake_subject(settings)
    if holds == lake:
        return None
    return (
        f"{what}: tells of {holds}, and the lake in {settings.lake_location} follows {lake}; give {holds} a data "
        f"folder of their own: `ais-indicators --data-dir FOLDER init --subject {holds}`"
    )
