"""What a run ended with, counted and hashed: the same for the demo and for every lab run."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_contracts.canonical import ledger_hash, orders_hash
from tidegate_contracts.execution import Fill, OrderEvent
from tidegate_contracts.market import Bar, FeedStatus
from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry, Performance
from tidegate_contracts.risk import Decision, Verdict
from tidegate_contracts.signals import Signal
from tidegate_kernel.machine import Publish
from tidegate_kernel.money import ZERO, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate_kernel.machine import Body, Effect, Event
    from tidegate_lab.host.shard import LabShard, Place


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A run's outcome, in the order in which it is printed."""

    bars: int
    signals: int
    verdicts: dict[str, Any]
    orders: int
    fills: int
    final_equity: str
    realized_pnl: str
    fees: str
    max_drawdown: str
    ledger_balanced: bool
    ledger_hash: str
    orders_hash: str
    duration_s: float


class Record:
    """What the machines of a run said: orders, fills, the ledger, the account, and what is rare.

    Bars are left out: the feed counts them. Signals and verdicts are counted here and not kept:
    the numbers of verdicts would take as much room as everything else together.
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.said: dict[type[Body], list[Body]] = {}
        self.signals = 0
        self.approved = 0
        # How many verdicts refused with each code.
        self.refused: Counter[str] = Counter()
        self._take = _Taking(self.said)
        self._take[Verdict] = self._count
        self._take[Signal] = self._count_signal
        self._take[Bar] = _leave_out

    def observe(
        self, shard: LabShard, event: Event, effects: Sequence[Effect], place: Place
    ) -> None:
        """Take what one input caused."""
        del shard, event, place
        for effect in effects:
            if type(effect) is Publish:
                self._take[type(effect.body)](effect.body)

    def hear(self, body: Body) -> None:
        """Take one message that was said."""
        self._take[type(body)](body)

    def _count_signal(self, signal: Signal) -> None:
        del signal
        self.signals += 1

    def _count(self, verdict: Verdict) -> None:
        self.approved += verdict.decision == Decision.APPROVED
        if verdict.refusal is not None:
            self.refused[verdict.refusal.code] += 1

    def of(self, kind: type[Any]) -> list[Any]:
        """Return what was said of one kind, in order."""
        return self.said.get(kind, [])

    def outcome(self, duration_s: float) -> Outcome:
        """Count and hash."""
        last = {event.specification.client_order_id: event for event in self.of(OrderEvent)}
        entries: list[LedgerEntry] = self.of(LedgerEntry)
        account: AccountSnapshot = self.of(AccountSnapshot)[-1]
        whole: list[Performance] = [p for p in self.of(Performance) if not p.strategy]
        drawdown = whole[-1].max_drawdown if whole else account.drawdown
        return Outcome(
            bars=self.of(FeedStatus)[-1].bars,
            signals=self.signals,
            verdicts={
                "approved": self.approved,
                "refused": dict(sorted(self.refused.items())),
            },
            orders=len(last),
            fills=len(self.of(Fill)),
            final_equity=plain(account.equity),
            realized_pnl=plain(account.realized_pnl),
            fees=plain(account.fees),
            max_drawdown=plain(drawdown),
            ledger_balanced=is_balanced(entries),
            ledger_hash=ledger_hash(entries),
            orders_hash=orders_hash(last.values(), self.of(Fill)),
            duration_s=round(duration_s, 3),
        )


class _Taking(dict[type["Body"], "Callable[..., None]"]):
    """What is done with a message of each kind: unless something else is said, it is kept."""

    def __init__(self, said: dict[type[Body], list[Body]]) -> None:
        super().__init__()
        self._said = said

    def __missing__(self, kind: type[Body]) -> Callable[..., None]:
        keep = self[kind] = self._said.setdefault(kind, []).append
        return keep


def _leave_out(bar: Bar) -> None:
    del bar


def is_balanced(entries: Sequence[LedgerEntry]) -> bool:
    """Tell whether the entries of every currency add up to nothing."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        sums[entry.currency] += entry.amount
    return all(total == ZERO for total in sums.values())
