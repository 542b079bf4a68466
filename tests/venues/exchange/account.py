"""Balances, positions, and what open orders hold back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from tests.venues.exchange.habits import Habits, Settlement
from tests.venues.exchange.listings import Listing
from tests.venues.exchange.orders import ZERO, Execution, Order, Refused, Side

LEVERAGE = Decimal(20)
COMMISSION_FREE = ("us_equity", "us_option")
INSUFFICIENT = "insufficient"


@dataclass
class Position:
    """What is held of one symbol, short below zero."""

    quantity: Decimal = ZERO
    entry_price: Decimal = ZERO

    def add(self, signed: Decimal, price: Decimal) -> Decimal:
        """Take an execution; return the profit per unit of multiplier that it realises."""
        closing = min(abs(signed), abs(self.quantity)) if signed * self.quantity < 0 else ZERO
        sign = 1 if self.quantity > 0 else -1
        profit = closing * (price - self.entry_price) * sign
        before, self.quantity = self.quantity, self.quantity + signed
        if before * self.quantity < 0:
            self.entry_price = price
        elif abs(self.quantity) > abs(before):
            self.entry_price = (before * self.entry_price + signed * price) / self.quantity
        elif not self.quantity:
            self.entry_price = ZERO
        return profit


@dataclass
class Account:
    """One customer's account."""

    number: str
    habits: Habits
    balances: dict[str, Decimal] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)

    def held(self, listing: Listing) -> Decimal:
        """Return what is held of a symbol."""
        if self.habits.settlement is Settlement.SPOT:
            return self.balances.get(listing.base, ZERO)
        position = self.positions.get(listing.symbol)
        return position.quantity if position else ZERO

    def _of_contract(self, listing: Listing, side: Side, quantity: Decimal) -> Decimal:
        """Return what regulators and the clearing house ask of an option's contracts."""
        if listing.asset_class != "us_option":
            return ZERO
        habits = self.habits
        sold = habits.fee_per_contract_sold if side is Side.SELL else ZERO
        return quantity * (habits.fee_per_contract + sold)

    def fee(
        self, listing: Listing, side: Side, part: tuple[Decimal, Decimal], *, maker: bool
    ) -> tuple[Decimal, str]:
        """Return the fee of an execution (price, quantity) and its asset."""
        price, quantity = part
        habits = self.habits
        if listing.asset_class in COMMISSION_FREE:
            return self._of_contract(listing, side, quantity), listing.quote
        bps = habits.maker_fee_bps if maker else habits.taker_fee_bps
        value = quantity * price * listing.multiplier * bps / 10_000
        in_coin = _rounded(value / habits.fee_coin_price, habits.fee_places)
        if habits.fee_coin and self.balances.get(habits.fee_coin, ZERO) >= in_coin:
            return in_coin, habits.fee_coin
        if habits.fee_in_credited_asset and side is Side.BUY:
            return _rounded(quantity * bps / 10_000, habits.fee_places), listing.base
        return _rounded(value, habits.fee_places), listing.quote

    def book(self, listing: Listing, side: Side, execution: Execution) -> None:
        """Move balances and positions for one execution."""
        signed = execution.quantity * side.sign
        money = signed * execution.price * listing.multiplier
        if self.habits.settlement is Settlement.SPOT:
            self._move(listing.base, signed)
            self._move(listing.quote, -money)
        else:
            position = self.positions.setdefault(listing.symbol, Position())
            profit = position.add(signed, execution.price) * listing.multiplier
            contract = self.habits.settlement is Settlement.CONTRACT
            self._move(listing.quote, profit if contract else -money)
            self._pay_in_position(listing, execution)
            if not position.quantity:
                del self.positions[listing.symbol]
        if execution.fee_asset == listing.quote or self.habits.settlement is Settlement.SPOT:
            self._move(execution.fee_asset, -execution.fee)

    def _pay_in_position(self, listing: Listing, execution: Execution) -> None:
        if execution.fee_asset == listing.base and listing.base != listing.quote:
            self.positions[listing.symbol].quantity -= execution.fee

    def _move(self, asset: str, amount: Decimal) -> None:
        self.balances[asset] = self.balances.get(asset, ZERO) + amount

    def locked(self, asset: str, open_orders: Iterable[tuple[Order, Listing, Decimal]]) -> Decimal:
        """Return what open orders (with listing and price) hold back of an asset."""
        held = ZERO
        for order, listing, price in open_orders:
            if order.ticket.reduce_only:
                continue
            if order.ticket.side is Side.BUY and asset == listing.quote:
                held += self._needed(order.remaining, price, listing)
            if order.ticket.side is Side.SELL and asset == listing.base:
                held += order.remaining
        return held

    def _needed(self, quantity: Decimal, price: Decimal, listing: Listing) -> Decimal:
        value = quantity * price * listing.multiplier
        return value / LEVERAGE if self.habits.settlement is Settlement.CONTRACT else value

    def check(
        self,
        order: Order,
        listing: Listing,
        price: Decimal,
        others: list[tuple[Order, Listing, Decimal]],
    ) -> None:
        """Refuse an order that the account cannot pay or deliver."""
        ticket = order.ticket
        contract = self.habits.settlement is Settlement.CONTRACT
        if ticket.reduce_only:
            if self.held(listing) * ticket.side.sign >= 0:
                raise Refused("nothing_to_reduce", "ReduceOnly Order is rejected.")
            return
        if ticket.side is Side.SELL and not contract:
            rivals = order.rivals
            mine = [
                each
                for each in others
                if each[0] not in rivals and each[1].symbol == listing.symbol
            ]
            free = self.held(listing) - self.locked(listing.base, mine)
            if ticket.quantity > free and not listing.shortable:
                found = f"(requested: {ticket.quantity}, available: {max(free, ZERO)})"
                raise Refused(INSUFFICIENT, f"insufficient balance for {listing.base} {found}")
            return
        closing = contract and self.held(listing) * ticket.side.sign < 0
        free = self.balances.get(listing.quote, ZERO) - self.locked(listing.quote, others)
        if not closing and self._needed(ticket.quantity, price, listing) > free:
            raise Refused(INSUFFICIENT, "insufficient buying power")


def _rounded(fee: Decimal, places: int) -> Decimal:
    return fee.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
