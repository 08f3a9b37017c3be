"""Official fast indicators from ship-tracking data (AIS).

Analysts read the current tables with `open_table("silver.port_calls")` and published data with
`open_table("gold.port_activity_weekly", as_of=...)`. Importing this package loads only the standard library, so that a
scheduler can read the task registry.
"""

import importlib
from typing import Any

import ais_indicators.process_exit  # noqa: F401 - before libraries that have exit functions of their own

__all__ = ["open_released", "open_table", "releases", "revisions"]


def __getattr__(name: str) -> Any:
    """Loads the public functions on first use."""
    if name in __all__:
        return getattr(importlib.import_module("ais_indicators.notebook"), name)
    raise AttributeError(f"module 'ais_indicators' has no attribute '{name}'")
