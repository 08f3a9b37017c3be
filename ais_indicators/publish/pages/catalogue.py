"""Texts of the pages in three languages, and how each language writes numbers, dates and weeks.

Sentences are in English in the templates and are their own keys; codes of the tables (`arrivals`, `dry_bulk`, `U`) are
keys in their own context (`indicator`, `vessel_class`, `obs_status`) and also have an English text. The catalogues are
gettext files, `locale/<language>.po`, which any translation editor opens.
"""

import io
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

import babel
from babel.core import get_global
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

from ais_indicators.errors import WrongUseError
from ais_indicators.periods import DAYS_PER_WEEK, Week
from ais_indicators.publish.pages.rounding import decimals_of, round_to, supported_step
from ais_indicators.rules import Rules

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "fr": "Français", "es": "Español"}
"""Languages of the pages, each in its own name."""

DEFAULT_LANGUAGE: Final = "en"
ChartLocale = Literal["en-GB", "fr-FR", "es-ES"]
NO_BREAK: Final = "\u00a0"
MINUS: Final = "\u2212"
EN_DASH: Final = "\u2013"
_LOCALES: Final = {"en": "en_GB", "fr": "fr_FR", "es": "es_ES"}
_CHART_LOCALES: Final[Mapping[str, ChartLocale]] = {"en": "en-GB", "fr": "fr-FR", "es": "es-ES"}
_SIGNS: Final = ("h", "t", "GT", "t nmi")
"""Units that are signs, the same in all languages, written after the number."""

_SHARE_DECIMALS: Final = 3
_DECIMALS: Final = {"h": 1, "ratio": 2, "index": 1}
"""Decimals by unit; none for counts."""


class Catalogue:
    """One language, and the rules by which its numbers are rounded."""

    def __init__(self, language: str, translations: Translations, rules: Rules) -> None:
        """Takes the language's code, its messages and the rules of the lake's subject; use `open_catalogue`."""
        self.rules = rules
        self.language = language
        self.translations = translations
        self.locale = babel.Locale.parse(_LOCALES[language])
        self.chart_locale: ChartLocale = _CHART_LOCALES[language]

    def text(self, message: str, **values: Any) -> str:
        """Returns a sentence by its English text, with values for its `%(name)s`."""
        found: str = self.translations.ugettext(message)
        return found % values

    @property
    def colon(self) -> str:
        """Returns what separates a title from its content; French has a no-break space before the colon."""
        return f"{NO_BREAK}:" if self.language == "fr" else ":"

    @property
    def semicolon(self) -> str:
        """Returns what separates the parts of a sentence; French has a no-break space before the semicolon."""
        return f"{NO_BREAK}; " if self.language == "fr" else "; "

    def plural(self, one: str, many: str, number: int, **values: Any) -> str:
        """Returns a sentence in the plural form of a number, which it can contain as `%(number)s`."""
        found: str = self.translations.ungettext(one, many, number)
        return found % {"number": self.number(number), **values}

    def name(self, context: str, code: str) -> str:
        """Returns the name of a code of the tables; the code itself if the catalogue does not have it."""
        return str(self.translations.pgettext(context, code))

    def number(self, value: float, decimals: int = 0) -> str:
        """Formats a number with this number of decimals, negative ones with a minus sign."""
        written = format_decimal(
            _rounded(value, decimals), _pattern(decimals), locale=self.locale, decimal_quantization=False
        )
        return written.replace("-", MINUS)

    def amount(self, value: float, unit: str, low: float | None = None, high: float | None = None) -> str:
        """Formats a value by its unit, without the unit; rounded to what its interval supports."""
        finest = _SHARE_DECIMALS if unit == "share" else _DECIMALS.get(unit, 0)
        step = supported_step(low, high, 10.0**-finest, self.rules)
        rounded, decimals = round_to(value, step), decimals_of(step)
        return (
            self.percent(rounded, max(0, decimals - 2)) if unit == "share" else self.number(rounded, decimals)
        )

    def measure(self, value: float, unit: str, low: float | None = None, high: float | None = None) -> str:
        """Formats a value like `amount`, with the sign of its unit if that has one."""
        written = self.amount(value, unit, low, high)
        return f"{written}{NO_BREAK}{unit}" if unit in _SIGNS else written

    def percent(self, share: float, decimals: int = 1) -> str:
        """Formats a share in percent."""
        pattern = self.locale.percent_formats[None].pattern.replace("#,##0", _pattern(decimals))
        written = format_percent(
            _rounded(share, decimals + 2), pattern, locale=self.locale, decimal_quantization=False
        )
        return written.replace("-", MINUS)

    def change(self, value: float, decimals: int = 0) -> str:
        """Formats a difference with its sign; zero has none."""
        return _signed(self.number(abs(value), decimals), _rounded(value, decimals))

    def percent_change(self, share: float, decimals: int = 1) -> str:
        """Formats a relative difference in percent with its sign."""
        return _signed(self.percent(abs(share), decimals), _rounded(share, decimals + 2))

    def interval(self, low: float, high: float, unit: str) -> str:
        """Formats an interval, both ends rounded to what it supports."""
        ends = (self.amount(end, unit, low, high) for end in (low, high))
        return f"{NO_BREAK}{EN_DASH} ".join(ends)

    def day(self, day: date) -> str:
        """Formats a date in words."""
        return format_date(day, "long", locale=self.locale)

    def moment(self, at: datetime) -> str:
        """Formats a time in UTC, to the minute."""
        return f"{self.day(at.astimezone(UTC).date())}, {at.astimezone(UTC):%H:%M}{NO_BREAK}UTC"

    def week(self, name: str) -> str:
        """Formats an ISO week in words: week 47 of 2026."""
        year, number = name.split("-W")
        return self.text("week %(number)s of %(year)s", number=int(number), year=year)

    @property
    def week_letter(self) -> str:
        """Returns the letter before the number of a week."""
        return self.name("axis", "week")

    def days(self, name: str) -> str:
        """Formats the first and last day of an ISO week."""
        monday = Week.parse(name).monday
        sunday = Week.parse(name).days[DAYS_PER_WEEK - 1]
        return self.text("%(first)s to %(last)s", first=self.day(monday), last=self.day(sunday))

    def country(self, iso3: str | None) -> str:
        """Returns a country by its ISO 3166-1 alpha-3 code; the code if the language has no name for it."""
        known: Mapping[str, list[str]] = get_global(
            "territory_aliases"
        )  # CLDR's codes, from three letters to two
        (two_letters, *_) = known.get(iso3 or "", [""])
        return str(self.locale.territories.get(two_letters, iso3 or ""))


def open_catalogue(language: str, rules: Rules) -> Catalogue:
    """Opens the catalogue of a language, with the rules of the lake's subject.

    Raises:
        WrongUseError: The pages are not available in it.
    """
    if language not in LANGUAGES:
        raise WrongUseError(f"the pages are not available in '{language}'; choose {', '.join(LANGUAGES)}")
    return Catalogue(language, translations_of(language), rules)


def read_messages(language: str) -> Catalog:
    """Reads the messages of a language from its file."""
    path = resources.files("ais_indicators.publish.pages").joinpath("locale", f"{language}.po")
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def translations_of(language: str) -> Translations:
    """Returns the compiled messages of a language."""
    compiled = io.BytesIO()
    write_mo(compiled, read_messages(language))
    compiled.seek(0)
    return Translations(compiled)


def _pattern(decimals: int) -> str:
    return "#,##0." + "0" * decimals if decimals else "#,##0"


def _rounded(value: float, decimals: int) -> float:
    """Rounds half away from zero, as readers do; never returns negative zero."""
    factor = 10.0**decimals
    return math.copysign(math.floor(abs(value) * factor + 0.5), value) / factor + 0.0


def _signed(written: str, value: float) -> str:
    if value == 0.0:
        return written
    return f"{'+' if value > 0 else MINUS}{written}"
