"""The limits that apply to a strategy in a symbol, worked out once for each pair.

The session's limits hold for everything. What was set for the strategy or the symbol takes the
place of the session's; where both have set the same limit, the stricter one counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_risk.core.strictness import stricter_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_risk.core.parameters import Limits, Override


class LimitTable:
    """The session's limits and its overrides; what applies to a pair is remembered."""

    def __init__(self, session: Limits, overrides: tuple[Override, ...] = ()) -> None:
        self.session = session
        self._overrides = {each.scope: each for each in overrides}
        self._known: dict[tuple[str, str], Limits] = {}
        every = [session, *(each.limits for each in overrides)]
        self.memory_ns = max(max(each.duplicate_window_ns, each.rate_window_ns) for each in every)
        """How far back the longest window of any of them looks."""

    def of(self, strategy: str, symbol: str) -> Limits:
        """Return the limits of a strategy in a symbol."""
        if not self._overrides:
            return self.session
        known = self._known.get((strategy, symbol))
        if known is None:
            known = self._known[strategy, symbol] = self._resolved(strategy, symbol)
        return known

    def _resolved(self, strategy: str, symbol: str) -> Limits:
        changes: dict[str, Any] = {}
        for override in self._applying(strategy, symbol):
            for name in override.names:
                value = getattr(override.limits, name)
                if name in changes:
                    value = stricter_of(name, changes[name], value)
                changes[name] = value
        return msgspec.structs.replace(self.session, **changes)

    def _applying(self, strategy: str, symbol: str) -> Iterator[Override]:
        for scope in (f"strategy:{strategy}", f"symbol:{symbol}"):
            override = self._overrides.get(scope)
            if override is not None:
                yield override
