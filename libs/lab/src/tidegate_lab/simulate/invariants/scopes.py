"""Which orders a gate's scope covers: the checkers' own reading, on purpose not the kernel's."""

from __future__ import annotations


def covers(scope: str, strategy: str, symbol: str) -> bool:
    """Tell whether a scope covers an order of the simulated session."""
    return scope in (
        "all",
        "session:sim",
        "account:sim",
        "venue:sim",
        f"symbol:{symbol}",
        f"strategy:sim/{strategy}",
    )
