"""Orders with legs at the paper venue: whole structures at their net price, or nothing.

1. A structure is judged by bars of all its legs that start at one time, once the last of them is
   known; while one leg has none, or is closed, nothing happens. Of such bars only the opens and the
   closes are prices of one moment: what lies between is of no use for a net price.
2. A market order fills at the opens. A limit order fills at the opens, or else at the closes, if
   the net price there is at most its limit. Every leg takes liquidity: its price is worsened by the
   slippage and rounded to its tick against the order, before the net is judged.
3. All legs of a structure fill in one event, each as an execution of its own. With a share of the
   volume the leg that trades least bounds how many structures fill; the rest waits.
4. An order that reduces fills as many structures as all its legs hold, and then ends.
5. It is admitted if free cash covers what its structures can lose at the expiry. Where that has no
   bound every leg that is sold must be shortable. Filled structures keep nothing back here; what
   they may still lose is risk's business.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegate_contracts.execution import (
    Liquidity,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
    VenueExecution,
    VenueReportKind,
)
from tidegate_execution.core.orders.legs import SIGNS, legs_of
from tidegate_execution.core.paper.book import PaperBook, PaperOrder, listing_of
from tidegate_execution.core.paper.carry.terms import refused as refused_option
from tidegate_execution.core.paper.fees import per_unit, rate_bps_max, with_minimum
from tidegate_execution.core.paper.filling import charge, end, expire, reject, report
from tidegate_execution.core.paper.forms import Refused
from tidegate_execution.core.paper.margin import headroom
from tidegate_execution.core.paper.matching import BPS, Offer, to_tick_against
from tidegate_execution.core.paper.resting import begin, ends_at_ns, is_over, may_fill
from tidegate_execution.core.paper.slippage import slippage_bps
from tidegate_kernel.contracts import CONTRACT_UNITS
from tidegate_kernel.hours import first_overlapping
from tidegate_kernel.money import ZERO, is_multiple, plain, round_down, to_decimal
from tidegate_kernel.structures import faults_of, worth_least

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate_contracts.execution import OrderLeg, OrderSpecification
    from tidegate_contracts.market import Bar, Instrument
    from tidegate_execution.core.paper.parameters import PaperVenueParameters
    from tidegate_kernel.machine import Effect

_DAY_OVER = "its day is over"
_NOTHING_LEFT = "REDUCE_ONLY: nothing is left to reduce"
_NO_CASH = "INSUFFICIENT_CASH at the fill's price"


class _Quoted(NamedTuple):
    """One leg, and what it would cost."""

    leg: OrderLeg
    instrument: Instrument
    price: Decimal


class Structures:
    """The orders with legs of one venue."""

    def __init__(
        self,
        book: PaperBook,
        parameters: PaperVenueParameters,
        before: Callable[[str, Bar], Sequence[Bar]],
    ) -> None:
        """``before`` returns the bars before one, where the slippage is measured on them."""
        self._book = book
        self._parameters = parameters
        self._before = before

    def on_bar(self, listing: str, bar: Bar) -> list[Effect]:
        """Let a bar act on every structure that has a leg of its listing."""
        effects: list[Effect] = []
        for order in [self._book.orders[each] for each in self._book.structures]:
            listings = listings_of(order.resting.specification)
            if listing in listings:
                newest = [self._book.bars.get(each, [])[-1:] for each in listings]
                bars = [each for one in newest for each in one if each.start_ns == bar.start_ns]
                effects += self.judge(order, bars, bar)
        return effects

    def judge(self, order: PaperOrder, bars: Sequence[Bar], newest: Bar) -> list[Effect]:
        """Let bars of one start act on an order; without one of each leg only its time passes."""
        resting, rules = order.resting, self._parameters.rules
        if 0 < ends_at_ns(resting) <= newest.start_ns:
            return [expire(self._book, self._parameters, order, ends_at_ns(resting), _DAY_OVER)]
        if len(bars) < len(resting.specification.legs):
            return []
        start_ns, end_ns = newest.start_ns, newest.end_ns
        if not may_fill(resting, start_ns, end_ns, rules.latency_ns):
            return []
        closes_at_ns = self._closes_at_ns(order, newest)
        if closes_at_ns is None:
            return []
        begin(resting, start_ns, closes_at_ns)
        effects = self._fill_at(order, bars, [bar.open for bar in bars], start_ns)
        is_limit = resting.specification.order_type == OrderType.LIMIT
        if order.is_open and is_limit and not effects:
            effects = self._fill_at(order, bars, [bar.close for bar in bars], end_ns - 1)
        if order.is_open and is_over(resting, end_ns):
            at_ns = ends_at_ns(resting)
            effects.append(expire(self._book, self._parameters, order, at_ns, _DAY_OVER))
        return effects

    def _closes_at_ns(self, order: PaperOrder, bar: Bar) -> int | None:
        """Return when the hours of all legs end that a bar lies in; 0 where none are known.

        None: one of them is closed.
        """
        closes: list[int] = []
        for listing in listings_of(order.resting.specification):
            hours = self._book.instruments[listing].open_intervals
            session = first_overlapping(hours, bar.start_ns, bar.end_ns) if hours else None
            if session is not None:
                closes.append(session.closes_at_ns)
            elif hours:
                return None
        return min(closes, default=0)

    def _fill_at(
        self, order: PaperOrder, bars: Sequence[Bar], prices: Sequence[int], at_ns: int
    ) -> list[Effect]:
        """Fill what may be filled at prices of one moment, if their net is good enough."""
        quoted = self._quoted(order, bars, prices)
        specification = order.resting.specification
        net, limit = _net(quoted), specification.limit_price
        if limit is not None and net > limit:
            return []
        wanted = min(order.resting.remaining, self._volume(order, bars))
        if wanted <= 0:
            return []
        quantity = min(wanted, reducible(self._book, specification))
        if quantity <= 0:
            return [expire(self._book, self._parameters, order, at_ns, _NOTHING_LEFT)]
        fees = self._fees(order, quoted, quantity, at_ns)
        lacks_cash = quantity * net + sum(fees, ZERO) > self._book.cash
        free = specification.reduce_only or self._parameters.negative_cash_allowed
        if lacks_cash and not free:
            return [reject(self._book, self._parameters, order, at_ns, _NO_CASH)]
        effects = self._execute(order, list(zip(quoted, fees, strict=True)), quantity, at_ns)
        if order.is_open and quantity < wanted:
            effects.append(expire(self._book, self._parameters, order, at_ns, _NOTHING_LEFT))
        return effects

    def _quoted(
        self, order: PaperOrder, bars: Sequence[Bar], prices: Sequence[int]
    ) -> list[_Quoted]:
        """Return each leg at its price, worsened by the slippage."""
        specification, rules, found = order.resting.specification, self._parameters.rules, []
        for leg, bar, price in zip(specification.legs, bars, prices, strict=True):
            listing = listing_of(specification.venue, leg.symbol)
            instrument = self._book.instruments[listing]
            before = self._before(listing, bar)
            quantity = order.resting.remaining * leg.ratio
            worse_bps = rules.slippage_bps
            if before:
                worse_bps = slippage_bps(rules, before, quantity, instrument.size_scale)
            market = to_decimal(price, instrument.price_scale)
            worsened = market * (1 + SIGNS[leg.side] * worse_bps / BPS)
            at = to_tick_against(leg.side, worsened, instrument.tick_size)
            found.append(_Quoted(leg, instrument, at))
        return found

    def _volume(self, order: PaperOrder, bars: Sequence[Bar]) -> Decimal:
        """Return how many structures the thinnest leg's volume allows."""
        share, legs = self._parameters.rules.volume_share, order.resting.specification.legs
        if share == 0:
            return order.resting.remaining
        instruments = self._book.instruments
        traded = [
            to_decimal(bar.volume, instruments[listing_of(bar.venue, bar.symbol)].size_scale)
            for bar in bars
        ]
        least = min(t * share / leg.ratio for t, leg in zip(traded, legs, strict=True))
        return round_down(least, CONTRACT_UNITS)

    def _fees(
        self, order: PaperOrder, quoted: Sequence[_Quoted], quantity: Decimal, at_ns: int
    ) -> list[Decimal]:
        """Return what each leg's execution costs; an order's minimum is paid with its first leg."""
        schedule = self._parameters.fees
        unbounded = msgspec.structs.replace(schedule, order_fee_min=ZERO)
        fees = []
        for each in quoted:
            traded = Offer(each.price, Liquidity.TAKER, at_ns), quantity * each.leg.ratio
            fees.append(charge(self._book, unbounded, order, each.instrument, traded))
        if schedule.order_fee_min:
            before, total = order.fees_without_min, sum(fees, ZERO)
            first = not order.executions
            due = with_minimum(schedule.order_fee_min, before, total, first=first)
            order.fees_without_min += total
            fees[0] += due - total
        return fees

    def _execute(
        self,
        order: PaperOrder,
        legs: Sequence[tuple[_Quoted, Decimal]],
        quantity: Decimal,
        at_ns: int,
    ) -> list[Effect]:
        """Book all legs, and report each; the last of them makes the structures whole."""
        effects: list[Effect] = []
        for place, leg in enumerate(legs, start=1):
            execution = self._book_leg(order, leg, quantity, at_ns)
            if place == len(legs):
                order.filled += quantity
                order.resting.remaining -= quantity
                if order.resting.remaining == 0:
                    end(self._book, self._parameters, order, OrderState.FILLED, at_ns)
            told = report(self._parameters, order, VenueReportKind.FILLED, "", execution)
            effects.append(told)
        return effects

    def _book_leg(
        self, order: PaperOrder, leg: tuple[_Quoted, Decimal], quantity: Decimal, at_ns: int
    ) -> VenueExecution:
        each, fee = leg
        traded = quantity * each.leg.ratio
        order.event_at_ns, order.state = at_ns, OrderState.PARTIALLY_FILLED
        self._book.book(each.leg.symbol, each.leg.side, traded, traded * each.price, fee)
        number = order.executions_before + len(order.executions) + 1
        execution = VenueExecution(
            execution_id=f"pv-{order.client_order_id}-{number}",
            symbol=each.leg.symbol,
            quantity=traded,
            price=each.price,
            fee=fee,
            fee_currency=each.instrument.quote_currency,
            liquidity=Liquidity.TAKER,
            event_at_ns=at_ns,
        )
        order.executions.append(execution)
        return execution


def listings_of(specification: OrderSpecification) -> list[str]:
    """Return the listings of an order's legs, in their order."""
    return [listing_of(specification.venue, leg.symbol) for leg in specification.legs]


def _net(quoted: Sequence[_Quoted]) -> Decimal:
    return sum((SIGNS[e.leg.side] * e.leg.ratio * e.price for e in quoted), ZERO)


def reducible(book: PaperBook, specification: OrderSpecification) -> Decimal:
    """Return how many structures an order may still fill: of one that reduces, what is held."""
    if not specification.reduce_only:
        return specification.quantity
    least = min(-SIGNS[leg.side] * book.held(leg.symbol) / leg.ratio for leg in specification.legs)
    return round_down(max(least, ZERO), CONTRACT_UNITS)


def admit_structure(
    book: PaperBook,
    parameters: PaperVenueParameters,
    specification: OrderSpecification,
    arrives_at_ns: int,
) -> Decimal | Refused:
    """Check an order with legs; return the cash that each unit of it keeps back."""
    refused = _wrong_form(specification) or _wrong_legs(
        book, parameters, specification, arrives_at_ns
    )
    if refused is not None:
        return refused
    if specification.reduce_only:
        if reducible(book, specification) > 0:
            return ZERO
        return Refused("NOTHING_TO_REDUCE", "expected all legs to be held, the other way around")
    return _cash_for(book, parameters, specification)


def _wrong_form(specification: OrderSpecification) -> Refused | None:
    faults = faults_of(legs_of(specification), specification.symbol)
    kind, force = specification.order_type, specification.time_in_force
    if kind not in (OrderType.MARKET, OrderType.LIMIT):
        faults.append(f"expected MARKET or LIMIT, found {kind.name}")
    if force not in (TimeInForce.DAY, TimeInForce.GTC):
        faults.append(f"expected DAY or GTC, found {force.name}")
    if (kind == OrderType.LIMIT) != (specification.limit_price is not None):
        faults.append(f"expected a limit with LIMIT only, found {specification.limit_price}")
    named = (specification.oco_group, specification.post_only, specification.extended_hours)
    if any(named) or specification.side != Side.BUY:
        expected = "BUY without oco_group, post_only and extended_hours"
        faults.append(f"expected {expected}, found otherwise")
    return Refused("FORM", "; ".join(faults)) if faults else None


def _wrong_legs(
    book: PaperBook,
    parameters: PaperVenueParameters,
    specification: OrderSpecification,
    arrives_at_ns: int,
) -> Refused | None:
    for leg, listing in zip(specification.legs, listings_of(specification), strict=True):
        instrument = book.instruments.get(listing)
        if instrument is None or not instrument.tradable:
            found = f"{leg.symbol} at {specification.venue}"
            return Refused("SYMBOL_UNKNOWN", f"expected a tradable symbol, found {found}")
        quantity, lot = specification.quantity * leg.ratio, instrument.lot_size
        if specification.quantity <= 0 or not is_multiple(quantity, lot):
            found = plain(specification.quantity)
            return Refused(
                "QUANTITY_OFF_LOT", f"expected a multiple of {plain(lot)}, found {found}"
            )
        limit, tick = specification.limit_price, instrument.tick_size
        if limit is not None and not is_multiple(limit, tick):
            return Refused("PRICE_OFF_TICK", f"expected a multiple of {plain(tick)}, found {limit}")
        refused = refused_option(book, parameters.carry, instrument, arrives_at_ns)
        if refused is not None:
            return refused
    return None


def _cash_for(
    book: PaperBook, parameters: PaperVenueParameters, specification: OrderSpecification
) -> Decimal | Refused:
    quoted = _last(book, specification)
    if quoted is None:
        return Refused("PRICE_UNKNOWN", "expected a bar of every leg, one has none")
    net = specification.limit_price if specification.limit_price is not None else _net(quoted)
    rate_bps = parameters.rules.slippage_bps + rate_bps_max(parameters.fees)
    costs = sum(
        (e.leg.ratio * (e.price * rate_bps / BPS + per_unit(parameters.fees, e.instrument)))
        for e in quoted
    )
    least = worth_least(legs_of(specification))
    if least is None:
        closed = [e.leg.symbol for e in quoted if _is_sold(e) and not e.instrument.shortable]
        if closed:
            found = f"{', '.join(closed)} sold, and a loss without bound"
            return Refused("SHORT_NOT_ALLOWED", f"expected shortable legs, found {found}")
    if parameters.negative_cash_allowed:
        return ZERO
    # What has no bound keeps back what it costs, as every short does here.
    loss = max(net if least is None else net - least, ZERO)
    needed = specification.quantity * (loss + costs)
    free = _free(book, parameters, specification)
    if needed > free:
        reason = f"expected at most {plain(free)} free cash to be needed, found {plain(needed)}"
        return Refused("INSUFFICIENT_CASH", reason)
    return loss + costs


def _is_sold(each: _Quoted) -> bool:
    return each.leg.side == Side.SELL


def _free(
    book: PaperBook, parameters: PaperVenueParameters, specification: OrderSpecification
) -> Decimal:
    if not parameters.short_margin:
        return book.cash - book.reserved_cash()
    nothing_of_its_own = msgspec.structs.replace(specification, symbol="", legs=())
    return headroom(book, parameters.short_margin, nothing_of_its_own)


def _last(book: PaperBook, specification: OrderSpecification) -> list[_Quoted] | None:
    """Return each leg at its last close; None while one has none."""
    found = []
    for leg, listing in zip(specification.legs, listings_of(specification), strict=True):
        bars, instrument = book.bars.get(listing), book.instruments[listing]
        if not bars:
            return None
        close = to_decimal(bars[-1].close, instrument.price_scale)
        found.append(_Quoted(leg, instrument, close))
    return found
