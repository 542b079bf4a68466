"""The figures of many orders: sums in money, then ratios of sums.

Orders are weighted by their value at arrival, so that large orders count for more, and no ratio
depends on the order in which they are added. Orders with legs are weighted by their structures and
kept apart: their net prices lie around zero. Money of every quote currency counts one to one, as
everywhere in a session. A figure without data is None.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_execution.core.quality.measures import (
    effective_spread,
    seconds_to_fill,
    shortfall,
    slippage,
)
from tidegate_kernel.contracts import CONTRACT_UNITS
from tidegate_kernel.money import ZERO, plain, quantize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_execution.core.quality.ended import Ended

BPS = Decimal(10_000)
PLACES = 6


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """Execution quality of some orders; `DEFINITIONS` says how each figure is computed."""

    orders: int
    sent: int
    refused_here: int
    rejected: int
    reject_rate: str | None
    fill_ratio: str | None
    seconds_to_fill: str | None
    shortfall: str
    shortfall_execution: str
    shortfall_opportunity: str
    shortfall_fees: str
    shortfall_bps: str | None
    slippage_bps: str | None
    slippage_modelled_bps: str
    slippage_beyond_model_bps: str | None
    effective_spread_bps: str | None
    structures: int
    structure_fill_ratio: str | None
    structure_seconds_to_fill: str | None
    structure_arrival_value: str
    structure_shortfall: str
    structure_shortfall_each: str | None


DEFINITIONS: dict[str, tuple[str, str]] = {
    "orders": ("orders that have ended", ""),
    "sent": ("those of them of which a request may have left for the venue", ""),
    "refused_here": ("those that the last hop or the guard refused: nothing left", ""),
    "rejected": ("those that the venue rejected", ""),
    "reject_rate": ("rejected / sent", ""),
    "fill_ratio": ("value executed / value ordered of what was sent, both at arrival prices", ""),
    "seconds_to_fill": (
        "mean time from the decision to an execution, weighted by value at arrival",
        "SEC Rule 605",
    ),
    "shortfall": (
        "what was lost against trading everything at the arrival price: its three parts' sum",
        "Perold, Journal of Portfolio Management 14(3), 1988",
    ),
    "shortfall_execution": ("sum of s q (p - arrival price) over executions", ""),
    "shortfall_opportunity": (
        "sum of s × quantity not executed × (closing price - arrival price)",
        "Wagner and Edwards, Financial Analysts Journal 49(1), 1993",
    ),
    "shortfall_fees": ("fees of the executions, those in kind at their price", ""),
    "shortfall_bps": ("shortfall / value ordered at arrival prices × 10,000", ""),
    "slippage_bps": (
        "sum of s q (p - arrival price) / value executed at arrival prices × 10,000, market orders",
        "",
    ),
    "slippage_modelled_bps": ("`slippage_bps` of the session's venue: what a backtest takes", ""),
    "slippage_beyond_model_bps": ("slippage_bps - slippage_modelled_bps", ""),
    "effective_spread_bps": (
        "sum of 2 s q (p - middle) / value executed at the middle × 10,000; only with quotes",
        "Huang and Stoll, Journal of Financial Economics 41(3), 1996",
    ),
    "structures": (
        "orders with legs among `sent`; of other figures only `reject_rate` has them",
        "",
    ),
    "structure_fill_ratio": ("whole structures executed / structures ordered of what was sent", ""),
    "structure_seconds_to_fill": (
        "mean time from the decision until a structure's last leg was executed",
        "SEC Rule 605",
    ),
    "structure_arrival_value": (
        "sum of quantity × net price at arrival: what they would have cost, below 0 brought",
        "",
    ),
    "structure_shortfall": (
        "`shortfall` of orders with legs, whose prices are net ones; with every leg's fees",
        "Perold, Journal of Portfolio Management 14(3), 1988",
    ),
    "structure_shortfall_each": (
        "structure_shortfall / structures ordered, in money: a net price may be 0, and has no bps",
        "",
    ),
}
"""Formula and source of each figure; s is +1 for a buy and -1 for a sell."""


class Tally(msgspec.Struct):
    """Sums over orders; two tallies of different orders add up to that of all."""

    orders: int = 0
    sent: int = 0
    refused_here: int = 0
    rejected: int = 0
    # Value at arrival prices: of what was sent, and of what was executed of it.
    ordered: Decimal = ZERO
    executed: Decimal = ZERO
    # Seconds × value at arrival.
    waited: Decimal = ZERO
    execution: Decimal = ZERO
    opportunity: Decimal = ZERO
    fees: Decimal = ZERO
    # Of orders whose shortfall is known.
    measured: Decimal = ZERO
    market_slippage: Decimal = ZERO
    market_executed: Decimal = ZERO
    spread: Decimal = ZERO
    spread_value: Decimal = ZERO
    # Of orders with legs, in units: 100 of them are a structure.
    structures: int = 0
    units_ordered: Decimal = ZERO
    units_executed: Decimal = ZERO
    units_measured: Decimal = ZERO
    units_waited: Decimal = ZERO
    structure_value: Decimal = ZERO
    structure_lost: Decimal = ZERO

    def add(self, order: Ended) -> None:
        """Count an order that has ended."""
        self.orders += 1
        if not order.sent:
            self.refused_here += order.rejected
            return
        self.sent += 1
        self.rejected += order.rejected
        if order.is_structure:
            self._add_structure(order)
            return
        if order.arrival_price is not None:
            self._add_values(order, order.arrival_price)
        self._add_spread(order)

    def plus(self, other: Tally) -> Tally:
        """Return the sums over the orders of both."""
        pairs = zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        return Tally(*(mine + theirs for mine, theirs in pairs))

    def _add_values(self, order: Ended, arrival: Decimal) -> None:
        executed = order.filled * arrival
        self.ordered += order.quantity * arrival
        self.executed += executed
        self.waited += (seconds_to_fill(order) or ZERO) * executed
        lost = shortfall(order)
        if lost is not None:
            self.measured += order.quantity * arrival
            self.execution += lost.execution
            self.opportunity += lost.opportunity
            self.fees += lost.fees
        if order.is_market:
            self.market_slippage += slippage(order) or ZERO
            self.market_executed += executed

    def _add_structure(self, order: Ended) -> None:
        self.structures += 1
        self.units_ordered += order.quantity
        self.units_executed += order.filled
        self.units_waited += (seconds_to_fill(order) or ZERO) * order.filled
        lost = shortfall(order)
        if lost is not None and order.arrival_price is not None:
            self.units_measured += order.quantity
            self.structure_value += order.quantity * order.arrival_price
            self.structure_lost += lost.total

    def _add_spread(self, order: Ended) -> None:
        spread = effective_spread(order)
        if spread is not None:
            self.spread += spread
            middles = (each.quantity * (each.middle or ZERO) for each in order.executions)
            self.spread_value += sum(middles, ZERO)

    def quality(self, modelled_bps: Decimal) -> Quality:
        """Return the figures; ``modelled_bps`` is the slippage that the model takes."""
        lost = self.execution + self.opportunity + self.fees
        slipped = _ratio(self.market_slippage * BPS, self.market_executed)
        return Quality(
            orders=self.orders,
            sent=self.sent,
            refused_here=self.refused_here,
            rejected=self.rejected,
            reject_rate=_text(_ratio(Decimal(self.rejected), Decimal(self.sent))),
            fill_ratio=_text(_ratio(self.executed, self.ordered)),
            seconds_to_fill=_text(_ratio(self.waited, self.executed)),
            shortfall=_rounded(lost),
            shortfall_execution=_rounded(self.execution),
            shortfall_opportunity=_rounded(self.opportunity),
            shortfall_fees=_rounded(self.fees),
            shortfall_bps=_text(_ratio(lost * BPS, self.measured)),
            slippage_bps=_text(slipped),
            slippage_modelled_bps=_rounded(modelled_bps),
            slippage_beyond_model_bps=_text(None if slipped is None else slipped - modelled_bps),
            effective_spread_bps=_text(_ratio(self.spread * BPS, self.spread_value)),
            structures=self.structures,
            structure_fill_ratio=_text(_ratio(self.units_executed, self.units_ordered)),
            structure_seconds_to_fill=_text(_ratio(self.units_waited, self.units_executed)),
            structure_arrival_value=_rounded(self.structure_value),
            structure_shortfall=_rounded(self.structure_lost),
            structure_shortfall_each=_text(
                _ratio(self.structure_lost * CONTRACT_UNITS, self.units_measured)
            ),
        )


def tally_of(orders: Iterable[Ended]) -> Tally:
    """Return the sums over some orders."""
    tally = Tally()
    for order in orders:
        tally.add(order)
    return tally


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else _rounded(value)


def _rounded(value: Decimal) -> str:
    return plain(quantize(value, PLACES))
