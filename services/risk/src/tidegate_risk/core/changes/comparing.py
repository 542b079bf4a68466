"""What two documents of limits say differently, and which of it is looser.

A limit of a strategy and one of a symbol may both apply, so what matters is what they come to:
the session's limits, those of every strategy and every symbol that either document names, and
those of every pair of them. A difference that a wider scope has already is not named again.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tidegate_contracts.risk import LimitChange
from tidegate_kernel.money import plain
from tidegate_risk.core.limits import LimitTable
from tidegate_risk.core.strictness import is_looser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_risk.core.changes.document import Resolved

SESSION = "session"
_NOBODY = ""
"""Stands for every strategy, and for every symbol, that no document names."""


class _Difference(NamedTuple):
    name: str
    before: Any
    after: Any


def changes_between(before: Resolved, after: Resolved) -> tuple[LimitChange, ...]:
    """Return every limit that differs, the session's first."""
    old = LimitTable(before.limits, before.overrides)
    new = LimitTable(after.limits, after.overrides)
    whole = _differences(before.limits, after.limits)
    changes = [*_of_verdicts(before, after), *(_change(SESSION, each) for each in whole)]
    told = {(_NOBODY, _NOBODY): whole}
    for scope, strategy, symbol in _scopes(before, after):
        found = _differences(old.of(strategy, symbol), new.of(strategy, symbol))
        told[strategy, symbol] = found
        wider = whole
        if found and _NOBODY not in (strategy, symbol):
            wider = [*whole, *told[strategy, _NOBODY], *told[_NOBODY, symbol]]
        changes += [_change(scope, each) for each in found if each not in wider]
    return tuple(changes)


def _of_verdicts(before: Resolved, after: Resolved) -> Iterator[LimitChange]:
    old, new = before.verdict_ttl_ns, after.verdict_ttl_ns
    if old != new:
        yield LimitChange(
            scope=SESSION,
            name="verdict_ttl_ns",
            before=str(old),
            after=str(new),
            looser=new > old,
        )


def _scopes(before: Resolved, after: Resolved) -> Iterator[tuple[str, str, str]]:
    """Yield (scope, strategy, symbol): each alone first, then the pairs."""
    named = {each.scope: None for each in (*before.overrides, *after.overrides)}
    strategies = sorted(s.partition(":")[2] for s in named if s.startswith("strategy:"))
    symbols = sorted(s.partition(":")[2] for s in named if s.startswith("symbol:"))
    for strategy in strategies:
        yield f"strategy:{strategy}", strategy, _NOBODY
    for symbol in symbols:
        yield f"symbol:{symbol}", _NOBODY, symbol
    for strategy in strategies:
        for symbol in symbols:
            yield f"strategy:{strategy}|symbol:{symbol}", strategy, symbol


def _differences(before: msgspec.Struct, after: msgspec.Struct) -> list[_Difference]:
    if before == after:
        return []
    return list(_walk("", before, after))


def _walk(path: str, before: msgspec.Struct, after: msgspec.Struct) -> Iterator[_Difference]:
    """Yield what differs; limits within a group are named ``group.limit``."""
    for name in before.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if isinstance(old, msgspec.Struct) and isinstance(new, msgspec.Struct):
            yield from _walk(f"{path}{name}.", old, new)
        elif old != new:
            yield _Difference(f"{path}{name}", old, new)


def _change(scope: str, difference: _Difference) -> LimitChange:
    name, before, after = difference
    return LimitChange(
        scope=scope,
        name=name,
        before=_shown(before),
        after=_shown(after),
        looser=is_looser(name, before, after),
    )


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, tuple):
        return ", ".join(_shown(each) for each in value) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
