"""The packages that only some commands need, by the extra of `pyproject.toml` that installs them."""

from typing import Final

EXTRAS: Final = {
    "altair": "pages",
    "babel": "pages",
    "delta": "spark",
    "flask": "dashboard",
    "great_expectations": "checks",
    "jinja2": "pages",
    "markupsafe": "pages",
    "matplotlib": "simulate",
    "py4j": "spark",
    "pysdmx": "sdmx",
    "pyspark": "spark",
    "sklearn": "derive-ports",
    "vl_convert": "pages",
    "waitress": "dashboard",
    "weasyprint": "pages",
    "werkzeug": "dashboard",
    "xlsxwriter": "pages",
}
"""Extra of each package, by the name under which Python imports it."""


def explain_missing(error: BaseException) -> str | None:
    """Says in one sentence what to install, or returns None where no package of an extra is missing."""
    package = (getattr(error, "name", None) or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or package not in EXTRAS:
        return None
    extra = EXTRAS[package]
    return f"this needs the package {package}, which is not installed; run `pip install 'ais-indicators[{extra}]'`"
