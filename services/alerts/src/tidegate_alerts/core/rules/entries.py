"""Account entries: what holdings or cash did without an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_contracts.alerts import Severity
from tidegate_contracts.execution import AccountEntryKind as Kind
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.execution import AccountEntry

RULE = "entry"
EXPECTED: Final = frozenset(
    {
        Kind.DIVIDEND,
        Kind.BORROW_FEE,
        Kind.FUNDING,
        Kind.INTEREST,
        Kind.FEE,
        Kind.OPTION_EXPIRY,
    }
)
"""What holding brings with it. All else changes a position, or is people's or strangers' doing."""


class EntriesSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether account entries are told."""

    enabled: bool = True


def see_entry(entry: AccountEntry) -> Sequence[Finding]:
    """Return the finding of an entry; what is expected is one alert by kind, owner and symbol."""
    expected = entry.kind in EXPECTED
    kind = entry.kind.name.lower().replace("_", " ")
    owner = entry.strategy or "nobody's strategy"
    whose = f"{entry.kind.name}/{entry.strategy}/{entry.symbol}"
    return (
        Finding(
            rule=RULE,
            subject=whose if expected else entry.entry_id,
            severity=Severity.INFO if expected else Severity.WARNING,
            title=" ".join(filter(None, (f"{kind.capitalize()}:", *_changes(entry)))),
            text=f"For {owner} on {entry.venue or 'the account'}; entry {entry.entry_id}. "
            f"{_why(entry)}".rstrip(),
            event_at_ns=entry.event_at_ns,
        ),
    )


def _changes(entry: AccountEntry) -> list[str]:
    """Return what has changed: units with their price, and cash."""
    units = f"{plain(entry.quantity)} {entry.symbol}" if entry.quantity else entry.symbol
    at = f"at {plain(entry.price)}" if entry.quantity and entry.price is not None else ""
    cash = f"{plain(entry.cash)} {entry.currency}" if entry.cash else ""
    return [units, at, cash]


def _why(entry: AccountEntry) -> str:
    people = " and ".join(filter(None, (entry.principal, entry.approver)))
    return f"By {people}: {entry.reason}" if people else entry.reason
