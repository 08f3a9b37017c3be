"""Writes the bulletin of a release as files: HTML and, if requested, PDF."""

import os
import tempfile
from pathlib import Path

from ais_indicators.publish.pages.bulletin import bulletin_page
from ais_indicators.publish.pages.pdf import pdf_of
from ais_indicators.releasing.bulletin_data import read_bulletin_data
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings


def write_bulletin(
    settings: Settings, release_id: str, out: Path, language: str, with_pdf: bool = False, *, rules: Rules
) -> list[Path]:
    """Writes `bulletin-<release>-<language>.html` and, if requested, the same as `.pdf`.

    Args:
        settings: Settings of the lake.
        release_id: The release, or `latest`.
        out: Folder to write to, created if missing; each file is written completely or not at all.
        language: Language of the page.
        with_pdf: Whether to also write the PDF.
        rules: Rules of the lake's subject.

    Returns:
        The files.

    Raises:
        WrongUseError: There is no such release or language, or the libraries for PDF are missing; nothing is written.
    """
    data = read_bulletin_data(settings, release_id, rules)
    page = bulletin_page(data, language, rules)
    stem = f"bulletin-{data.release.release_id}-{language}"
    files = {f"{stem}.html": page.encode()}
    if with_pdf:
        files[f"{stem}.pdf"] = pdf_of(page, data.release.release_id)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        _put(content, out / name)
    return [out / name for name in files]


def _put(content: bytes, path: Path) -> None:
    """Replaces a file in one step."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as staged:
        try:
            staged.write(content)
            staged.flush()
            os.fchmod(staged.fileno(), 0o644)
            os.replace(staged.name, path)
        except BaseException:
            Path(staged.name).unlink(missing_ok=True)
            raise
