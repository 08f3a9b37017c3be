"""Withdraws and restores releases: decisions of a person are recorded, never erased."""

from dataclasses import dataclass

from ais_indicators.errors import WrongUseError
from ais_indicators.io.delta import create_tables
from ais_indicators.releasing.history import Decision, append_event, read_history
from ais_indicators.settings import Settings


@dataclass(frozen=True)
class Decided:
    """Result of a decision.

    Attributes:
        release_id: The release concerned.
        week: Its week.
        event: `withdrawn` or `restored`.
        served: The release of the week that readers are given now; None if none is left.
    """

    release_id: str
    week: str
    event: Decision
    served: str | None


def withdraw_release(settings: Settings, release_id: str, by_name: str, reason: str) -> Decided:
    """Withdraws a release: the previous valid one of its week is served, or none.

    Raises:
        WrongUseError: There is no such release, it is withdrawn already, or name or reason are missing.
    """
    return _decide(settings, release_id, "withdrawn", by_name, reason)


def restore_release(settings: Settings, release_id: str, by_name: str, reason: str) -> Decided:
    """Ends a withdrawal: the release is served again as before.

    Raises:
        WrongUseError: There is no such release, it is not withdrawn, or name or reason are missing.
    """
    return _decide(settings, release_id, "restored", by_name, reason)


def _decide(settings: Settings, release_id: str, event: Decision, by_name: str, reason: str) -> Decided:
    if not (by_name.strip() and reason.strip()):
        raise WrongUseError("give the person who decides and the reason: --by NAME and --reason TEXT")
    create_tables(settings)
    history = read_history(settings)
    row = history.find(release_id)
    found = row.release_id
    if (found in history.withdrawn) == (event == "withdrawn"):
        standing = "is already withdrawn" if event == "withdrawn" else "is not withdrawn"
        raise WrongUseError(f"{found} {standing}; `ais-indicators release list` shows the status of releases")
    append_event(settings, history, found, event, by_name.strip(), reason.strip())
    served = read_history(settings).served.get(row.week)
    return Decided(found, row.week, event, served.release_id if served else None)
