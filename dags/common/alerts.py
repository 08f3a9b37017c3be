"""Alerts when a task or a run has failed: a line in a file, a message to a webhook, a mail. Standard library only.

An alert never breaks anything: what goes wrong on its way is logged. The address of a webhook and the keys of a mail
server are secrets and are never written anywhere, not even within an error's text.
"""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

Alert = dict[str, str]
Mailer = Callable[[Alert], None]
"""Sends an alert by mail; may raise."""

LOG = logging.getLogger("ais_indicators.alerts")
TIMEOUT_SECONDS = 10
LONGEST_REASON = 300
SCHEMES = ("http://", "https://")


def describe_failure(context: Mapping[str, Any]) -> Alert:
    """Extracts the facts about a failure from Airflow's context of a callback.

    Args:
        context: Of a task, or of a whole run: the latter has a `reason`.

    Returns:
        Texts for people and programs; `text` is what chat systems show.
    """
    instance, dag = context.get("task_instance"), context.get("dag")
    alert = {
        "dag_id": str(getattr(instance, "dag_id", None) or getattr(dag, "dag_id", "")),
        "task_id": "" if "reason" in context else str(getattr(instance, "task_id", "")),
        "run_id": str(context.get("run_id") or getattr(instance, "run_id", "")),
        "interval_start": str(context.get("data_interval_start") or ""),
        "reason": _reason(context),
        "log_url": str(getattr(instance, "log_url", "") or ""),
        "at_utc": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    where = f"{alert['dag_id']}.{alert['task_id']}".rstrip(".")
    return {"text": f"{where} failed in {alert['run_id']}: {alert['reason']}", **alert}


def send_alert(alert: Alert, webhook: str | None, log_file: Path, mail: Mailer | None = None) -> None:
    """Keeps an alert in a file, and sends it to a webhook and by mail where there is one; raises nothing."""
    LOG.error("ALERT %s", alert["text"])
    _attempt("kept", lambda: _append(alert, log_file))
    if webhook:
        _attempt("sent", lambda: _post(alert, webhook))
    if mail:
        _attempt("mailed", lambda: mail(alert))


def letter(alert: Alert) -> str:
    """Builds the body of a mail: the facts of the alert, one line each, as HTML."""
    rows = (
        f"<tr><th align=left>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in alert.items()
    )
    return f"<table>{''.join(rows)}</table>"


def _reason(context: Mapping[str, Any]) -> str:
    error = context.get("exception")
    if error is None:
        return str(context.get("reason") or "no reason given")
    first = (str(error).strip().splitlines() or [""])[0]
    kind = type(error).__name__ if isinstance(error, BaseException) else ""
    return f"{kind}: {first}".strip(": ")[:LONGEST_REASON]


def _attempt(what: str, act: Callable[[], None]) -> None:
    """Does it; of an error only its kind is logged, as its text may hold the address."""
    try:
        act()
    except Exception as error:
        status = f" {error.code}" if isinstance(error, urllib.error.HTTPError) else ""
        LOG.warning("the alert could not be %s: %s%s", what, type(error).__name__, status)


def _append(alert: Alert, log_file: Path) -> None:
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(alert) + "\n")


def _post(alert: Alert, webhook: str) -> None:
    if not webhook.lower().startswith(SCHEMES):
        raise ValueError("no address of the web")
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        webhook, data=json.dumps(alert).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
        pass
