"""Which orders a gate's scope covers: the checkers' own reading, on purpose not the kernel's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_lab.simulate.options import CALLS, UNDERLYING

if TYPE_CHECKING:
    from collections.abc import Sequence


def covers(scope: str, strategy: str, symbols: Sequence[str]) -> bool:
    """Tell whether a scope covers an order of the simulated session, by any of its symbols.

    All options of an hour are on one underlying, whose scope is theirs too.
    """
    names = {*symbols, *(UNDERLYING for symbol in symbols if symbol in CALLS)}
    return scope in (
        "all",
        "session:sim",
        "account:sim",
        "venue:sim",
        f"strategy:sim/{strategy}",
        *(f"symbol:{symbol}" for symbol in names),
    )
