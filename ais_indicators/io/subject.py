"""Subject of a lake: ships, or planes if it was made for them. Never both."""

from typing import Final

from ais_indicators.contracts.model import all_tables
from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import is_table
from ais_indicators.io.store import lake_folder
from ais_indicators.rules import SHIPS, SUBJECTS, Rules, Subject
from ais_indicators.settings import Settings

MARK: Final = "_subject"
"""File of a lake that names its subject; a lake without it is a lake of ships."""


def lake_subject(settings: Settings) -> Subject:
    """Returns the subject of the lake.

    Raises:
        WrongUseError: The lake has a subject that this software does not know.
    """
    return as_subject((lake_folder(settings).text(MARK) or SHIPS).strip())


def lake_rules(settings: Settings) -> Rules:
    """Returns the rules of the lake's subject.

    Raises:
        BadInputError: The file of the rules has an error.
        WrongUseError: The lake has a subject that this software does not know.
    """
    return Rules.for_subject(lake_subject(settings))


def as_subject(name: str) -> Subject:
    """Returns the subject of that name.

    Raises:
        WrongUseError: There is no such subject.
    """
    for subject in SUBJECTS:
        if subject == name:
            return subject
    raise WrongUseError(f"unknown subject '{name}'; choose {' or '.join(SUBJECTS)}")


def make_for(settings: Settings, subject: Subject) -> None:
    """Records the subject of a lake, before it has its first table.

    Raises:
        WrongUseError: It exists already with another subject.
    """
    is_there = any(is_table(settings, table) for table in all_tables())
    if is_there and lake_subject(settings) != subject:
        raise WrongUseError(
            f"the lake in {settings.lake_location} has the subject {lake_subject(settings)}, and a lake never has "
            f"both; use a separate data folder for {subject}: `ais-indicators --data-dir FOLDER init --subject "
            f"{subject}`"
        )
    lake_folder(settings).write_text(MARK, f"{subject}\n")


def refusal(what: str, holds: Subject, settings: Settings) -> str | None:
    """Explains why data of one subject cannot go into a lake; None if it can.

    Args:
        what: Name of the file.
        holds: Its subject.
        settings: Settings of the lake.
    """
    lake = lake_subject(settings)
    if holds == lake:
        return None
    return (
        f"{what}: contains {holds}, and the lake in {settings.lake_location} has the subject {lake}; use a "
        f"separate data folder for {holds}: `ais-indicators --data-dir FOLDER init --subject {holds}`"
    )
