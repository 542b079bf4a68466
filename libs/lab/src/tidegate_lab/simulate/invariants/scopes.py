"""Which orders a gate's scope covers: the checkers' own reading, on purpose not the kernel's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def covers(scope: str, strategy: str, symbols: Sequence[str]) -> bool:
    """Tell whether a scope covers an order of the simulated session, by any of its symbols."""
    return scope in (
        "all",
        "session:sim",
        "account:sim",
        "venue:sim",
        f"strategy:sim/{strategy}",
        *(f"symbol:{symbol}" for symbol in symbols),
    )
