"""Renders pages from templates, with style sheet and script inside the page, so that it loads nothing else."""

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ais_indicators.publish.pages.catalogue import LANGUAGES, Catalogue, translations_of

STYLE_FILE: Final = "page.css"
SCRIPT_FILE: Final = "tables.js"


def render(template: str, words: Catalogue, **values: Any) -> str:
    """Fills a template, with all values escaped, and returns the page as text."""
    page = _environment(words.language).get_template(template)
    style, script = _asset(STYLE_FILE), _asset(SCRIPT_FILE)
    known = {
        "words": words,
        "languages": LANGUAGES,
        "style": Markup(style),  # noqa: S704 - our own file
        "script": Markup(script),  # noqa: S704 - our own file
        "policy": content_policy(),
        "svg": Markup,
    }
    return page.render(known | values) + "\n"


@cache
def content_policy(form_action: str = "'none'") -> str:
    """Builds the Content Security Policy of a page: nothing is loaded; only its own style and script are allowed."""
    style, script = (_hash(_asset(name)) for name in (STYLE_FILE, SCRIPT_FILE))
    return (
        f"default-src 'none'; style-src {style}; script-src {script}; "
        f"form-action {form_action}; base-uri 'none'"
    )


@cache
def _environment(language: str) -> Environment:
    """Returns the templates of a language; an undefined name in a template is an error, never an empty text."""
    loader = PackageLoader("ais_indicators.publish.pages")
    found = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    translations = translations_of(language)
    found.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    return found


@cache
def _asset(name: str) -> str:
    file = resources.files("ais_indicators.publish.pages").joinpath("templates", name)
    return file.read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
