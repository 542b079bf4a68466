"""Rows for queries: what each published message leaves behind in the service's database.

=============  ===============================================  =================================
kind           key                                              holds
=============  ===============================================  =================================
`ledger`       transaction, account, currency, reason           every entry, for good
`position`     venue and symbol                                 the newest state of a position
`account`      `account`                                        the newest snapshot
`equity`       the UTC hour                                     the last snapshot of each hour
`performance`  the strategy; `account` for the whole account    the newest report
=============  ===============================================  =================================
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.projection import Row
from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry, Performance, Position
from tidegate_kernel.money import plain
from tidegate_kernel.time import NS_PER_SECOND

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body

ACCOUNT = "account"
EQUITY = "equity"
LEDGER = "ledger"
PERFORMANCE = "performance"
POSITION = "position"

NS_PER_HOUR = 3_600 * NS_PER_SECOND


def project(body: Body) -> list[Row]:
    """Return the rows that a published message changes."""
    if isinstance(body, LedgerEntry):
        key = f"{body.transaction_id}|{body.account}|{body.currency}|{body.reason}"
        return [Row(LEDGER, key, document_of(body))]
    if isinstance(body, Position):
        return [Row(POSITION, f"{body.venue}|{body.symbol}", document_of(body))]
    if isinstance(body, AccountSnapshot):
        document = document_of(body)
        hour = f"{body.event_at_ns // NS_PER_HOUR:012d}"
        return [Row(ACCOUNT, ACCOUNT, document), Row(EQUITY, hour, _point(body))]
    if isinstance(body, Performance):
        return [Row(PERFORMANCE, body.strategy or ACCOUNT, document_of(body))]
    return []


def document_of(body: Body) -> dict[str, object]:
    """Return a message as JSON can hold it: amounts as plain decimal strings."""
    fields = msgspec.structs.asdict(body)
    return {
        name: plain(value) if isinstance(value, Decimal) else value
        for name, value in fields.items()
    }


def _point(snapshot: AccountSnapshot) -> dict[str, object]:
    return {
        "event_at_ns": snapshot.event_at_ns,
        "equity": plain(snapshot.equity),
        "drawdown": plain(snapshot.drawdown),
    }
