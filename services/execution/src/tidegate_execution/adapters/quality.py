"""Execution quality of everything that was ever ordered here, kept up as rows come.

Rows of orders and fills are read from where the last reading ended, so that asking often costs
little. An order counts when it has ended; a fill that is booked after that still changes it, as
long as the order is among the newest `REMEMBERED`.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts.execution import OrderState, Side
from tidegate_execution.adapters import projection
from tidegate_execution.core.orders.legs import SIGNS
from tidegate_execution.core.orders.lifecycle import ENDED_STATES
from tidegate_execution.core.quality.ended import Ended, executions_of, fee_in_money
from tidegate_execution.core.quality.executed import Executed
from tidegate_execution.core.quality.summary import Tally, tally_of
from tidegate_kernel.structures import Leg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_execution.adapters.http import Projections

Document = dict[str, Any]
Group = tuple[str, str, str]
"""Session, venue, strategy."""
REMEMBERED = 5_000
PAGE = 5_000
ONE, OF_BPS = Decimal(1), Decimal(10_000)
GAUGES = {
    "fill_ratio": (names.QUALITY_FILL_RATIO, ONE),
    "reject_rate": (names.QUALITY_REJECT_RATIO, ONE),
    "seconds_to_fill": (names.QUALITY_FILL_SECONDS, ONE),
    "shortfall_bps": (names.QUALITY_SHORTFALL_RATIO, OF_BPS),
    "slippage_beyond_model_bps": (names.QUALITY_SLIPPAGE_RATIO, OF_BPS),
    "structure_fill_ratio": (names.QUALITY_STRUCTURE_FILL_RATIO, ONE),
    "structure_seconds_to_fill": (names.QUALITY_STRUCTURE_FILL_SECONDS, ONE),
    "structure_shortfall_each": (names.QUALITY_STRUCTURE_SHORTFALL, ONE),
}
"""The gauge of a figure, and what the figure is divided by."""


class QualityBoard:
    """The sums of all ended orders by session, venue and strategy."""

    def __init__(self, modelled_bps: Mapping[str, Decimal]) -> None:
        """``modelled_bps``: the slippage that each session's model takes."""
        self._modelled_bps = modelled_bps
        self._after = {projection.ORDER: "", projection.FILL: ""}
        self._fills: dict[str, list[Document]] = {}
        # The newest ended orders, which may still change; sums of older ones are final.
        self._newest: dict[str, Document] = {}
        self._final: dict[Group, Tally] = {}
        self._reading = asyncio.Lock()

    async def refresh(self, rows: Projections) -> None:
        """Read what is new. Orders first: whatever filled an ended order is there by then."""
        async with self._reading:
            for order in await self._new(rows, projection.ORDER):
                if OrderState[order["state"]] in ENDED_STATES:
                    self._newest[order["client_order_id"]] = order
            for fill in await self._new(rows, projection.FILL):
                self._fills.setdefault(fill["client_order_id"], []).append(fill)
            while len(self._newest) > REMEMBERED:
                self._settle(next(iter(self._newest)))

    async def _new(self, rows: Projections, kind: str) -> list[Document]:
        found: list[Document] = []
        while page := await rows.list(kind, after=self._after[kind], limit=PAGE):
            self._after[kind] = str(page[-1]["cursor"])
            found += page
        return found

    def _settle(self, client_order_id: str) -> None:
        order = self._ended(self._newest.pop(client_order_id))
        self._fills.pop(client_order_id, None)
        self._final.setdefault(_group(order), Tally()).add(order)

    def _ended(self, order: Document) -> Ended:
        return ended_of_rows(order, self._fills.get(order["client_order_id"], ()))

    def documents(self, session: str | None = None) -> list[Document]:
        """Return the figures of every group, those of one session if it is named."""
        groups: dict[Group, list[Ended]] = {each: [] for each in self._final}
        for row in self._newest.values():
            order = self._ended(row)
            groups.setdefault(_group(order), []).append(order)
        return [
            self._document(group, groups[group])
            for group in sorted(groups)
            if session in (None, group[0])
        ]

    def _document(self, group: Group, orders: list[Ended]) -> Document:
        tally = tally_of(orders).plus(self._final.get(group, Tally()))
        quality = tally.quality(self._modelled_bps.get(group[0], Decimal(0)))
        keys = dict(zip(("session", "venue", "strategy"), group, strict=True))
        return {**keys, **msgspec.structs.asdict(quality)}

    def measure(self) -> None:
        """Set the gauges."""
        for document in self.documents():
            labels = (document["session"], document["venue"], document["strategy"])
            for name, (gauge, whole) in GAUGES.items():
                if document[name] is not None:
                    PROCESS.set(gauge, float(Decimal(document[name]) / whole), labels)


def ended_of_rows(order: Document, fills: list[Document] | tuple[()]) -> Ended:
    """Return an order from its row and those of its fills."""
    legs = [
        Leg(each["symbol"], SIGNS[Side[each["side"]]], each["ratio"])
        for each in order.get("legs") or ()
    ]
    executions = [(each["symbol"], _executed(each)) for each in fills]
    return Ended(
        session=order["session"],
        venue=order["venue"],
        strategy=order["strategy"],
        sign=1 if order["side"] == "BUY" else -1,
        is_market=order["order_type"] == "MARKET",
        quantity=Decimal(order["quantity"]),
        arrival_price=_price(order.get("arrival_price")),
        closing_price=_price(order.get("market_price")),
        decided_at_ns=order["decided_at_ns"],
        sent=order.get("sends", 1) > 0,
        rejected=order["state"] == OrderState.REJECTED.name,
        is_structure=bool(legs),
        executions=executions_of(legs, executions),
    )


def _executed(fill: Document) -> Executed:
    price, fee = Decimal(fill["price"]), Decimal(fill["fee"])
    money = fee_in_money(fill["symbol"], fee, fill["fee_currency"], price)
    return Executed(Decimal(fill["quantity"]), price, money, fill["event_at_ns"])


def _price(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _group(order: Ended) -> Group:
    return order.session, order.venue, order.strategy
