"""Task `publish_release`: publishes weeks that passed the release check as releases, which are served from then on."""

import hashlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

from ais_indicators.checks.overrides import Overridden, let_pass
from ais_indicators.checks.weeks import WeekChecks, stop_on_failure
from ais_indicators.errors import BadInputError, NotYetError, WrongUseError
from ais_indicators.io.delta import one_look
from ais_indicators.job import Job
from ais_indicators.periods import Week
from ais_indicators.pipelines.check_release import check_week
from ais_indicators.pipelines.compute_port_activity import WEEKLY_TABLES as PORT_ACTIVITY_TABLES
from ais_indicators.publish.files import content_digest, write_release_files
from ais_indicators.releasing.basis import MadeRelease, Standing, make_record, read_standing, write_basis
from ais_indicators.releasing.history import ReleaseHistory, read_history, release_folder
from ais_indicators.releasing.observations import observations_of, withdrawn_digests
from ais_indicators.releasing.protect import disclosure_record
from ais_indicators.releasing.record import append_release

ID_DIGITS = 12


@dataclass(frozen=True)
class Published:
    """Result for one week.

    Attributes:
        week: The week.
        release_id: The release that is served for it now.
        is_new: False when the served release had the same content already.
        checks: Results of the release check.
        overridden: Failed critical checks that were overridden.
    """

    week: Week
    release_id: str
    is_new: bool
    checks: WeekChecks
    overridden: tuple[Overridden, ...] = ()


def run(job: Job) -> tuple[Published, ...]:
    """Checks and publishes the requested weeks, and again those released before whose values have changed since.

    Raises:
        NotYetError: It is before the requested time; nothing was done.
        ReleaseStoppedError: A critical check failed; nothing of any week is published.
        BadInputError: A week has no values.
        WrongUseError: A requested week's values are those of a withdrawn release, or an override is not possible.
    """
    _see_that_it_is_time(job.not_before)
    with one_look():
        standing, history = (
            read_standing(job.settings, PORT_ACTIVITY_TABLES[0], job.rules),
            read_history(job.settings),
        )
        weeks = _weeks_to_publish(job, standing, history)
    checked = [check_week(job, week) for week in weeks]
    remaining, overridden = let_pass(checked, job.override)
    stop_on_failure(remaining)
    published = []
    for checks in checked:
        one, history = _publish(standing, history, checks, tuple(overridden.get(checks.week, ())))
        published.append(one)
    return tuple(published)


def _see_that_it_is_time(not_before: datetime | None) -> None:
    """Raises an error under embargo, so that nothing is published.

    Raises:
        NotYetError: The time is still to come.
    """
    if not_before is not None and datetime.now(UTC) < not_before:
        raise NotYetError(
            f"nothing is published before {not_before:%Y-%m-%d %H:%M} UTC; the values are kept as candidates"
        )


def _weeks_to_publish(job: Job, standing: Standing, history: ReleaseHistory) -> list[Week]:
    """Returns revised weeks first, so that the requested ones are the newest releases.

    Requested weeks without any message have nothing to publish. A revised week whose values are those of a withdrawn
    release is left alone; a requested one is refused.
    """
    asked = [week for week in job.weeks if week in standing.bronze.files] or list(job.weeks)
    for week in asked:
        _refuse_withdrawn(standing, history, week)
    others = sorted({Week.parse(name) for name in history.served} - set(asked))
    return [*(week for week in others if _is_revised(standing, history, week)), *asked]


def _is_revised(standing: Standing, history: ReleaseHistory, week: Week) -> bool:
    """Returns whether the values differ from those served; the same files hold the same values."""
    served = history.served[week.name]
    if served.figure_files == standing.figure_files(week):
        return False
    digest = content_digest(observations_of(standing.settings, week, standing.rules))
    return digest not in {served.content_sha256, *withdrawn_digests(history, week)}


def _refuse_withdrawn(standing: Standing, history: ReleaseHistory, week: Week) -> None:
    """Raises an error if the values were withdrawn: a run that reproduces them must not publish them again.

    Raises:
        WrongUseError: The week's values are those of a withdrawn release.
    """
    withdrawn, served = withdrawn_digests(history, week), history.served.get(week.name)
    if not withdrawn:
        return
    digest = content_digest(observations_of(standing.settings, week, standing.rules))
    if digest in withdrawn and not (served and served.content_sha256 == digest):
        release_id = withdrawn[digest]
        event = history.withdrawn[release_id]
        raise WrongUseError(
            f"the values of {week} are those of {release_id}, which {event.by_name} withdrew ({event.reason}); "
            f"correct the cause and run the week again, or `ais-indicators release restore {release_id}`"
        )


def _publish(
    standing: Standing, history: ReleaseHistory, checks: WeekChecks, overridden: tuple[Overridden, ...]
) -> tuple[Published, ReleaseHistory]:
    """Publishes a week if its values differ from those served; also returns the history after it."""
    settings, week = standing.settings, checks.week
    observations = observations_of(settings, week, standing.rules)
    if not any(rows.num_rows for rows in observations.values()):
        raise BadInputError(f"there are no values of {week}; run `ais-indicators run --week {week}` first")
    digest, served = content_digest(observations), history.served.get(week.name)
    if served is not None and served.content_sha256 == digest:
        return Published(week, served.release_id, False, checks, overridden), history
    previous = served.release_id if served else ""
    release_id = f"{week}-{hashlib.sha256(f'{previous}{digest}'.encode()).hexdigest()[:ID_DIGITS]}"
    folder = release_folder(settings, release_id)
    shutil.rmtree(folder, ignore_errors=True)  # files of a killed run under the same name
    files = write_release_files(observations, folder)
    made = MadeRelease(
        release_id,
        release_sequence=history.last_sequence + 1,
        overridden=overridden,
        disclosure=disclosure_record(settings, week, observations, standing.rules),
        published_at_utc=history.next_moment(),
    )
    record = make_record(standing, checks, files, made)
    write_basis(folder, record, checks, standing.rules)
    append_release(settings, record)
    return Published(week, release_id, True, checks, overridden), history.with_release(record)
