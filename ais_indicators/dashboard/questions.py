"""Reads a question from an address, and explains what is not understood in it."""

from collections.abc import Sequence
from typing import Final

from werkzeug.datastructures import MultiDict

from ais_indicators.errors import WrongUseError
from ais_indicators.periods import Week
from ais_indicators.publish.pages.catalogue import DEFAULT_LANGUAGE, LANGUAGES, Catalogue, open_catalogue
from ais_indicators.publish.pages.dashboard_view import SUBJECTS, Choices, Question, Subject
from ais_indicators.publish.pages.figures import ALL
from ais_indicators.rules import Rules

KNOWN: Final = ("subject", "place", "class", "indicator", "from", "to", "as_of", "lang")
LONGEST_VALUE: Final = 100
MOST_VALUES: Final = 60

Arguments = MultiDict[str, str]


def language_of(arguments: Arguments) -> str:
    """Returns the requested language; the default if the pages are not available in it."""
    asked = arguments.get("lang", DEFAULT_LANGUAGE)
    return asked if asked in LANGUAGES else DEFAULT_LANGUAGE


def read_question(arguments: Arguments, rules: Rules) -> Question:
    """Reads a question from an address; missing parameters get defaults.

    Raises:
        WrongUseError: A parameter is unknown or not allowed; in the requested language.
    """
    words = open_catalogue(language_of(arguments), rules)
    _refuse_unknown(words, arguments)
    _one_of(words, "lang", [arguments.get("lang", DEFAULT_LANGUAGE)], tuple(LANGUAGES))
    subjects = _one_of(words, "subject", [arguments.get("subject", next(iter(SUBJECTS)))], tuple(SUBJECTS))
    subject = SUBJECTS[subjects[0]]
    first, last = (_week(words, arguments.get(name, "").strip()) for name in ("from", "to"))
    if first and last and last < first:
        raise WrongUseError(
            words.text("the last week, %(last)s, is before the first, %(first)s", first=first, last=last)
        )
    return Question(
        subject,
        _chosen(arguments, "place") or (subject.first_place,),
        _one_of(words, "class", _chosen(arguments, "class") or (ALL,), subject.classes),
        _one_of(
            words,
            "indicator",
            _chosen(arguments, "indicator") or (subject.first_indicator,),
            subject.indicators,
        ),
        first,
        last,
        arguments.get("as_of", "").strip() or None,
        words.language,
    )


def first_question(arguments: Arguments) -> Question:
    """Returns what the form shows if a question cannot be read: language and subject, if known."""
    subject: Subject = SUBJECTS.get(arguments.get("subject", ""), next(iter(SUBJECTS.values())))
    return Question(
        subject,
        (subject.first_place,),
        (ALL,),
        (subject.first_indicator,),
        None,
        None,
        None,
        language_of(arguments),
    )


def see_that_places_are_known(question: Question, choices: Choices, rules: Rules) -> None:
    """Refuses an unknown place.

    Raises:
        WrongUseError: There is no such place; without recorded names, any is allowed.
    """
    known = {*choices.places, question.subject.first_place} if choices.places else set(question.places)
    for place in question.places:
        if place not in known:
            words = open_catalogue(question.language, rules)
            raise WrongUseError(
                words.text("there is no place '%(code)s' in the port or gate file in use", code=place)
            )


def _refuse_unknown(words: Catalogue, arguments: Arguments) -> None:
    unknown = sorted(set(arguments) - set(KNOWN))
    if unknown:
        raise WrongUseError(
            words.text(
                "there is no parameter '%(name)s'; there are %(known)s",
                name=unknown[0],
                known=", ".join(KNOWN),
            )
        )
    for name, values in arguments.lists():
        if len(values) > MOST_VALUES or any(len(value) > LONGEST_VALUE for value in values):
            raise WrongUseError(
                words.text(
                    "'%(name)s' holds too much: at most %(values)s values of %(characters)s characters",
                    name=name,
                    values=MOST_VALUES,
                    characters=LONGEST_VALUE,
                )
            )


def _chosen(arguments: Arguments, name: str) -> tuple[str, ...]:
    """Returns the distinct values of a parameter, in order."""
    return tuple(dict.fromkeys(value for value in arguments.getlist(name) if value))


def _one_of(words: Catalogue, name: str, values: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    for value in values:
        if value not in known:
            raise WrongUseError(
                words.text(
                    "'%(value)s' is no %(name)s; there are %(known)s",
                    value=value,
                    name=name,
                    known=", ".join(known),
                )
            )
    return tuple(values)


def _week(words: Catalogue, text: str) -> str | None:
    if not text:
        return None
    try:
        return Week.parse(text).name
    except WrongUseError as error:
        raise WrongUseError(
            words.text("'%(text)s' is not an ISO week; write it like 2026-W47", text=text)
        ) from error
