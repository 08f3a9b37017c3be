"""The bulletin as PDF, rendered from its HTML by WeasyPrint."""

import hashlib

from ais_indicators.errors import WrongUseError


def pdf_of(page: str, release_id: str) -> bytes:
    """Renders a page as PDF: the same page gives the same bytes.

    Args:
        page: A page that loads nothing from elsewhere.
        release_id: Identifier of the file.

    Raises:
        WrongUseError: The system's libraries for the layout of text are missing.
    """
    try:
        import weasyprint  # noqa: PLC0415 - it loads system libraries, which only a PDF has need of
    except OSError as error:
        raise WrongUseError(
            f"a PDF needs the text layout library Pango, which this machine lacks ({_first_line(error)}); "
            "install it with `apt-get install libpangoft2-1.0-0 libharfbuzz-subset0`, or leave out --pdf"
        ) from error
    identifier = hashlib.sha256(release_id.encode()).digest()[:16]
    content: bytes = weasyprint.HTML(string=page, url_fetcher=_refuse).write_pdf(
        pdf_identifier=identifier, pdf_tags=True
    )
    return content


def _refuse(address: str) -> None:
    """Raises an error: a page that requests anything from elsewhere has a fault."""
    raise ValueError(f"the page asks for {address}")


def _first_line(error: OSError) -> str:
    return (str(error).strip().splitlines() or [""])[0]
