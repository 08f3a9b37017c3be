"""Every rule of `quality/rules.yaml` is used."""

import re
from collections.abc import Iterator

from ais_indicators.repository import PACKAGE, find_folder
from ais_indicators.rules import load_rules


def texts() -> Iterator[str]:
    """Everything that can use a rule: the package, the contracts and the checks."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.read_text(encoding="utf-8")
    for path in sorted(find_folder("schemas").glob("*.yaml")):
        yield path.read_text(encoding="utf-8")
    for name in ("checks.yaml", "disclosure.yaml"):
        yield (find_folder("quality") / name).read_text(encoding="utf-8")


def test_every_rule_is_used() -> None:
    """Code reads a rule by its field; contracts write `rule: name` and checks `{rule:name}`."""
    everything = "\n".join(texts())
    unused = [name for name in load_rules() if not re.search(rf"(\"|rules\.|rule: ?){name}\b", everything)]
    assert unused == []


def test_every_rule_says_why_and_whence() -> None:
    incomplete = [
        r.name for r in load_rules().values() if not (r.unit and r.reason.endswith(".") and r.source)
    ]
    assert incomplete == []
