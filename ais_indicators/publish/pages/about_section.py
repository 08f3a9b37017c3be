"""Section of a bulletin about itself: publisher, next release, citation, location of the data."""

from dataclasses import dataclass
from typing import Final

from ais_indicators.contracts.attributions import SIMULATED
from ais_indicators.periods import Week
from ais_indicators.publish.files import data_file_name
from ais_indicators.publish.pages.catalogue import Catalogue
from ais_indicators.publish.pages.model import BulletinData

DOI: Final = "https://doi.org/"
DESCRIPTION: Final = "datapackage.json"


@dataclass(frozen=True)
class Link:
    """One link on a page.

    Attributes:
        text: Its text.
        address: Where it leads; empty for plain text.
    """

    text: str
    address: str = ""


@dataclass(frozen=True)
class About:
    """Content of the section.

    Attributes:
        is_simulated: Whether the release is based on simulated data.
        publisher: Its name, with its page if there is one.
        contact: Address for questions; None without one.
        next_release: Week and day of the next release; empty if none is announced.
        licence: Licence of the values.
        citation: How to cite the release.
        data: Files of the release on the web; none without an address in `publication.yaml`.
        sources: Texts that the sources require.
    """

    is_simulated: bool
    publisher: Link
    contact: Link | None
    next_release: str
    licence: Link
    citation: str
    data: list[Link]
    sources: list[str]


def about_section(words: Catalogue, data: BulletinData) -> About:
    """Collects the facts about the release from `publication.yaml` and its record."""
    publication, release = data.publication, data.release
    email = publication.contact_email
    simulated = words.text("Simulated data of ais-indicators: no real ships, port calls or trade.")
    return About(
        is_simulated=SIMULATED in release.attributions,
        publisher=Link(publication.publisher_name, publication.publisher_homepage or ""),
        contact=Link(email, f"mailto:{email}") if email else None,
        next_release=_next_release(words, data),
        licence=Link(publication.licence_title, publication.licence_url),
        citation=_citation(words, data),
        data=_data(words, data),
        sources=[simulated if text == SIMULATED else text for text in release.attributions],
    )


def _next_release(words: Catalogue, data: BulletinData) -> str:
    following = Week.parse(data.release.week).plus(1)
    day = data.publication.release_date(following)
    if (
        day is None or day < data.release.published_at.date()
    ):  # for a week that is published long after it ended
        return ""
    return words.text("%(week)s, on %(day)s", week=words.week(following.name), day=words.day(day))


def _citation(words: Catalogue, data: BulletinData) -> str:
    """Writes the citation: publisher, year, title with week, release, day of publication, and permanent address."""
    publication, release = data.publication, data.release
    text = words.text(
        "%(publisher)s (%(year)s). %(title)s, %(week)s, release %(id)s, published %(day)s.",
        publisher=publication.publisher_name,
        year=release.published_at.year,
        title=publication.catalogue_title,
        week=words.week(release.week),
        id=release.release_id,
        day=words.day(release.published_at.date()),
    )
    found = f"{DOI}{publication.doi}" if publication.doi else publication.base_url or ""
    return f"{text} {found}" if found else text


def _data(words: Catalogue, data: BulletinData) -> list[Link]:
    publication = data.publication
    if publication.base_url is None:
        return []
    files = [
        Link(words.name("table", table), publication.address(data_file_name(table, "csv")))
        for table in data.release.tables
    ]
    return [*files, Link(words.text("descriptions for machines"), publication.address(DESCRIPTION))]
