"""Official fast indicators from ship-tracking data (AIS).

`open_table("silver.port_calls")` is the analyst's way in, `open_table("gold.port_activity_weekly", as_of=...)` the
way to what was published. Importing this package loads nothing but the standard
library, so that a scheduler can read the task registry.
"""

import importlib
from typing import Any

import ais_indicators.process_exit  # noqa: F401 - before libraries that have exit functions of their own

__all__ = ["open_released", "open_table", "releases", "revisions"]


def __getattr__(name: str) -> Any:
    """Loads the public face when it is first used."""
    if name in __all__:
        return getattr(importlib.import_module("ais_indicators.notebook"), name)
    raise AttributeError(f"module 'ais_indicators' has no attribute '{name}'")
