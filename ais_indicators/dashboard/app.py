"""Web application: every view has an address, is rendered on the server, and works without scripts.

It answers only GET, writes nothing, and sends pages that cannot load anything from elsewhere.
"""

import io
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl
from flask import Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from ais_indicators.dashboard.address import HOSTS_ASKED_FOR, Address, BehindProxies
from ais_indicators.dashboard.data import answer, choices_of, chokepoint_status, vintages_of
from ais_indicators.dashboard.questions import (
    first_question,
    language_of,
    read_question,
    see_that_places_are_known,
)
from ais_indicators.errors import AisIndicatorsError, WrongUseError
from ais_indicators.publish.pages.bulletin import bulletin_page
from ais_indicators.publish.pages.catalogue import LANGUAGES, open_catalogue
from ais_indicators.publish.pages.dashboard_view import SUBJECTS, Choices, Question, dashboard_page
from ais_indicators.publish.pages.render import content_policy
from ais_indicators.publish.vintages import Vintage
from ais_indicators.releasing.bulletin_data import read_bulletin_data
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

_NOTHING: Final = Choices({}, (), "")


def create_app(settings: Settings, address: Address | None = None, *, rules: Rules) -> Flask:
    """Creates the application.

    Args:
        settings: Settings of the lake whose releases it shows.
        address: Address for readers; None for this machine only.
        rules: Rules of the lake's subject.
    """
    app = Flask("ais_indicators.dashboard", static_folder=None)
    where = address or Address()
    app.before_request(lambda: _refused(where) or _at_its_folder())
    app.add_url_rule("/", "view", lambda: _view(settings, rules), methods=["GET"])
    app.add_url_rule("/figures.csv", "figures", lambda: _figures(settings, rules), methods=["GET"])
    app.add_url_rule(
        "/bulletin/<release_id>",
        "bulletin",
        lambda release_id: _bulletin(settings, release_id, rules),
        methods=["GET"],
    )
    app.after_request(_guarded)
    app.register_error_handler(AisIndicatorsError, _plain_fault)
    app.register_error_handler(HTTPException, _plain_http)
    app.wsgi_app = BehindProxies(app.wsgi_app, where)  # type: ignore[method-assign]
    return app


def _refused(address: Address) -> Response | None:
    """Refuses a request to a name that is not allowed: another site may have pointed it at this machine."""
    if all(address.allows(host) for host in request.environ[HOSTS_ASKED_FOR]):
        return None
    text = "this server does not answer to that host name; its operator can add it with --allow-host\n"
    return Response(text, HTTPStatus.BAD_REQUEST, content_type="text/plain; charset=utf-8")


def _at_its_folder() -> AnyResponse | None:
    """Redirects readers of `/ships` to `/ships/`, so that the relative links of the pages work."""
    if request.environ["PATH_INFO"]:
        return None
    folder = request.environ["SCRIPT_NAME"].rsplit("/", 1)[-1]
    query = request.query_string.decode("latin-1")
    return redirect(f"{folder}/?{query}" if query else f"{folder}/", HTTPStatus.PERMANENT_REDIRECT)


def _view(settings: Settings, rules: Rules) -> Response:
    """Renders the page of the question in the address, or the form with what is wrong with it."""
    choices, rows, vintages = _NOTHING, pl.DataFrame(), list[Vintage]()
    question = first_question(request.args)
    try:
        question = read_question(request.args, rules)
        vintages = _known(settings, question, rules)
        choices = choices_of(settings, question.subject, vintages)
        see_that_places_are_known(question, choices, rules)
        rows = answer(vintages, question)
        status = chokepoint_status(vintages, question)
        return _page(
            dashboard_page(question, choices, rows, _links(question, choices), status=status, rules=rules)
        )
    except WrongUseError as error:
        choices = choices if choices.weeks else _choices_now(settings, question)
        page = dashboard_page(
            question, choices, rows, _links(question, choices), fault=str(error).rstrip("."), rules=rules
        )
        return _page(page, HTTPStatus.BAD_REQUEST)


def _figures(settings: Settings, rules: Rules) -> Response:
    """Returns the rows that the page shows, as published, including adjusted ones, with the release of each."""
    question = read_question(request.args, rules)
    vintages = _known(settings, question, rules)
    see_that_places_are_known(question, choices_of(settings, question.subject, vintages), rules)
    text = io.BytesIO()
    answer(vintages, question).write_csv(text)
    response = Response(text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="ais-indicators-{question.subject.code}.csv"'
    )
    return response


def _bulletin(settings: Settings, release_id: str, rules: Rules) -> Response:
    return _page(
        bulletin_page(read_bulletin_data(settings, release_id, rules), language_of(request.args), rules)
    )


def _known(settings: Settings, question: Question, rules: Rules) -> list[Vintage]:
    """Returns what was served at the requested time.

    Raises:
        WrongUseError: There is no such time, or nothing was served then; in the question's language.
    """
    try:
        return vintages_of(settings, question.as_of)
    except WrongUseError as error:
        words = open_catalogue(question.language, rules)
        if not question.as_of:
            raise WrongUseError(words.text("nothing is published yet")) from error
        raise WrongUseError(
            words.text(
                "nothing is known as of '%(moment)s'; give a release, a date like 2026-11-21 or a time like "
                "2026-11-21T09:00Z, not before the first release",
                moment=question.as_of,
            )
        ) from error


def _choices_now(settings: Settings, question: Question) -> Choices:
    """Returns the form's choices for a question that failed before they were known."""
    try:
        return choices_of(settings, question.subject, vintages_of(settings, ""))
    except WrongUseError:
        return _NOTHING


def _links(question: Question, choices: Choices) -> dict[str, Any]:
    """Returns the links of the page, relative to its folder: independent of host and sub-path."""

    def address(path: str, **instead: str) -> str:
        given = [(name, value) for name, value in question.parameters if name not in instead]
        return f"{path}?{urlencode([*given, *instead.items()])}"

    newest = choices.newest_release
    return {
        "csv": address("figures.csv"),
        "bulletin": f"bulletin/{newest}?{urlencode({'lang': question.language})}" if newest else "",
        "languages": {code: address("./", lang=code) for code in LANGUAGES},
        "subjects": {
            code: f"./?{urlencode({'subject': code, 'lang': question.language})}" for code in SUBJECTS
        },
    }


def _page(text: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(text, status, content_type="text/html; charset=utf-8")


def _guarded(response: Response) -> Response:
    """Adds the security headers of every answer."""
    response.headers["Content-Security-Policy"] = content_policy("'self'") + "; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _plain_fault(error: AisIndicatorsError) -> Response:
    status = HTTPStatus.BAD_REQUEST if isinstance(error, WrongUseError) else HTTPStatus.INTERNAL_SERVER_ERROR
    return Response(f"{error}\n", status, content_type="text/plain; charset=utf-8")


def _plain_http(error: HTTPException) -> Response:
    text = f"{error.code} {error.name}\n"
    return Response(text, error.code, content_type="text/plain; charset=utf-8")
