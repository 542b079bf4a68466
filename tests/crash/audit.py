"""The invariants that must hold after any crash, computed from all that was written down.

==========  =====================================================================================
channels    k is gapless in the outbox and in the stream, and the hashes chain (I14, I15)
reading     every shard has handled every message that it reads exactly once, to the head (I15)
decisions   one verdict for each signal, one order for each approval, no order besides (I01, I02)
venue       the venue was asked once for each order, and gave each order one id of its own (I02)
fills       the venue's executions are the fills, once; they sum to what orders say (I12)
ledger      each fill is booked once; debits equal credits in every transaction (I10, I11)
==========  =====================================================================================
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tidegate_chassis.host.envelope import NO_HASH, chain_hash
from tidegate_chassis.host.inputs import InputKind
from tidegate_contracts.execution import OrderState, SubmitOrder
from tidegate_contracts.risk import Decision
from tidegate_kernel.identifiers import signal_key

from .findings import Finding, Kind, compare, once

if TYPE_CHECKING:
    from .books import Books, Message, Reading

SIGNAL = "tidegate.signals.v1.Signal"
VERDICT = "tidegate.risk.v1.Verdict"
ORDER_EVENT = "tidegate.execution.v1.OrderEvent"
FILL = "tidegate.execution.v1.Fill"
VENUE_REPORT = "tidegate.execution.v1.VenueReport"
LEDGER_ENTRY = "tidegate.portfolio.v1.LedgerEntry"
_NEVER_SENT = {OrderState.PENDING, OrderState.REJECTED, OrderState.CANCELLED, OrderState.EXPIRED}


def audit(books: Books) -> list[Finding]:
    """Return everything that does not hold."""
    return [
        *channels(books),
        *reading(books),
        *decisions(books),
        *venue(books),
        *fills(books),
        *ledger(books),
    ]


def channels(books: Books) -> list[Finding]:
    """Compare every channel with the natural numbers, and its stream with its outbox."""
    found: list[Finding] = []
    for channel in sorted({*books.outbox, *books.stream}):
        said = books.outbox.get(channel, [])
        found += compare(f"outbox of {channel}", range(1, len(said) + 1), [m.k for m in said])
        found += _chain(channel, said)
        stored = {_fingerprint(message) for message in books.stream.get(channel, [])}
        found += compare(f"stream of {channel}", map(_fingerprint, said), stored)
    return found


def _fingerprint(message: Message) -> tuple[int, str]:
    return message.k, chain_hash(message.previous_hash, message.schema, message.payload).hex()


def _chain(channel: str, said: list[Message]) -> list[Finding]:
    chain = NO_HASH
    for message in said:
        if message.previous_hash != chain:
            return [Finding(Kind.WRONG, f"chain of {channel} breaks at k={message.k}")]
        chain = chain_hash(chain, message.schema, message.payload)
    return []


def reading(books: Books) -> list[Finding]:
    """Compare what each shard has handled with what was said to it."""
    found: list[Finding] = []
    for shard, rows in books.journal.items():
        found += compare(f"journal of {shard}", range(1, len(rows) + 1), [r.n for r in rows])
        terms = [row.term for row in rows]
        if terms != sorted(terms):
            found.append(Finding(Kind.WRONG, f"journal of {shard}: an old term wrote after a new"))
    for each in books.readings:
        handled = [
            row.k
            for row in books.journal.get(each.shard, [])
            if row.channel == each.channel and row.kind != InputKind.SKIPPED
        ]
        found += compare(f"{each.shard} reads {each.channel}", _said_to(books, each), handled)
    return found


def _said_to(books: Books, each: Reading) -> list[int]:
    return [m.k for m in books.outbox.get(each.channel, []) if m.schema in each.schemas]


def decisions(books: Books) -> list[Finding]:
    """Follow every signal to its verdict, and every approval to its order and those that follow.

    Orders by hand have no signal but their verdict; exits and replacements have an earlier order's.
    """
    signals = [
        signal_key(s.session, s.strategy, s.symbol, s.event_at_ns, s.ordinal)
        for s in _bodies(books, SIGNAL)
    ]
    verdicts = _bodies(books, VERDICT)
    approved = [v.signal_key for v in verdicts if v.decision is Decision.APPROVED]
    asked = [v.signal_key for v in verdicts if not v.principal]
    orders = {
        e.specification.client_order_id: (e.signal_key, e.leg) for e in _bodies(books, ORDER_EVENT)
    }
    first = [key for key, leg in orders.values() if not leg]
    later = {key for key, leg in orders.values() if leg} - set(approved)
    return [
        *once("signal", signals),
        *once("verdict by hand", [v.signal_key for v in verdicts if v.principal]),
        *compare("verdict for signal", signals, asked),
        *compare("order for approved signal", approved, first),
        *(Finding(Kind.WRONG, f"an order follows {key}, not approved") for key in sorted(later)),
    ]


def venue(books: Books) -> list[Finding]:
    """Compare what the venue was asked with what execution has sent."""
    last = _last_events(books)
    sent = [
        name
        for name, event in last.items()
        if event.state not in _NEVER_SENT or event.venue_order_id
    ]
    asked = [
        submit.specification.client_order_id
        for shard in books.journal
        for submit in books.calls(shard, SubmitOrder)
    ]
    ids = [event.venue_order_id for event in last.values() if event.venue_order_id]
    unresolved = [name for name, event in last.items() if event.state is OrderState.UNKNOWN]
    return [
        *once("order at the venue", asked),
        *(
            Finding(Kind.LOST, f"order never came to the venue: {n}")
            for n in set(sent) - set(asked)
        ),
        *(Finding(Kind.WRONG, f"order without an outcome: {n}") for n in unresolved),
        *once("venue order id", ids),
    ]


def fills(books: Books) -> list[Finding]:
    """Compare the venue's executions with the fills, and the fills with their orders."""
    executions = [r.execution for r in _bodies(books, VENUE_REPORT) if r.execution is not None]
    made = _bodies(books, FILL)
    found = compare(
        "fill of execution",
        [execution.execution_id for execution in executions],
        [fill.execution_id for fill in made],
    )
    filled: dict[str, Decimal] = {}
    for fill in made:
        filled[fill.client_order_id] = filled.get(fill.client_order_id, Decimal(0)) + fill.quantity
    for name, event in _last_events(books).items():
        total = filled.pop(name, Decimal(0))
        whole = event.specification.quantity
        if total != event.filled_quantity or (event.state is OrderState.FILLED and total != whole):
            said = f"{event.state.name}, {event.filled_quantity} of {whole}"
            found.append(Finding(Kind.WRONG, f"order {name}: {said}, but fills {total}"))
    return [*found, *(Finding(Kind.DUPLICATE, f"fill without an order: {n}") for n in filled)]


def ledger(books: Books) -> list[Finding]:
    """Compare the ledger's transactions with the fills, and add up each of them."""
    entries = _bodies(books, LEDGER_ENTRY)
    lines = [(e.transaction_id, e.account, e.currency, e.reason) for e in entries]
    booked = {e.transaction_id for e in entries if e.order_key}
    expected = [f"{f.venue}|{f.symbol}|{f.execution_id}" for f in _bodies(books, FILL)]
    sums: dict[tuple[str, str], Decimal] = {}
    for e in entries:
        key = (e.transaction_id, e.currency)
        sums[key] = sums.get(key, Decimal(0)) + e.amount
    return [
        *once("ledger entry", lines),
        *compare("booking of fill", expected, booked),
        *(
            Finding(Kind.WRONG, f"transaction {name} does not balance: {total} {currency}")
            for (name, currency), total in sums.items()
            if total != 0
        ),
    ]


def _last_events(books: Books) -> dict[str, Any]:
    return {e.specification.client_order_id: e for e in _bodies(books, ORDER_EVENT)}


def _bodies(books: Books, schema: str) -> list[Any]:
    return books.said(schema)
