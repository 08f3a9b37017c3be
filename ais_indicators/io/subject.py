"""What a lake follows: ships, or planes where it was made for them. Never both."""

from typing import Final

from ais_indicators.errors import WrongUseError
from ais_indicators.rules import SHIPS, SUBJECTS, Subject
from ais_indicators.settings import Settings

MARK: Final = "_subject"
"""File of a lake that names what it follows; a lake without it follows ships."""


def lake_subject(settings: Settings) -> Subject:
    """What the lake follows.

    Raises:
        WrongUseError: The lake names something that this software does not know.
    """
    mark = settings.lake / MARK
    said = mark.read_text(encoding="utf-8").strip() if mark.is_file() else SHIPS
    return as_subject(said)


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
    is_there = any(path.is_dir() for path in settings.lake.glob("*/*/_delta_log"))
    if is_there and lake_subject(settings) != subject:
        raise WrongUseError(
            f"the lake in {settings.lake} follows {lake_subject(settings)}, and a lake never follows both; give "
            f"{subject} a data folder of their own: `ais-indicators --data-dir FOLDER init --subject {subject}`"
        )
    settings.lake.mkdir(parents=True, exist_ok=True)
    (settings.lake / MARK).write_text(f"{subject}\n", encoding="utf-8")


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
        f"{what}: tells of {holds}, and the lake in {settings.lake} follows {lake}; give {holds} a data folder of "
        f"their own: `ais-indicators --data-dir FOLDER init --subject {holds}`"
    )
