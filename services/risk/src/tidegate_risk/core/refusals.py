"""Every way to refuse a signal: a stable code, what it means, and the numbers of the case.

Codes never change their meaning and are never used again. `MEANINGS` is what people read:
``docs/reference/refusals.md`` is generated from it.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

from tidegate_contracts.risk import DecisionNumber
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from collections.abc import Iterable


class Code(StrEnum):
    """The stable codes, in the order in which the rules are asked."""

    CAUSE_MISSING = "CAUSE_MISSING"
    FOREIGN_SIGNAL = "FOREIGN_SIGNAL"
    ORDER_INVALID = "ORDER_INVALID"
    SIGNAL_INVALID = "SIGNAL_INVALID"
    BREAKER_OPEN = "BREAKER_OPEN"
    MODEL_NOT_APPROVED = "MODEL_NOT_APPROVED"
    GATE_CLOSED = "GATE_CLOSED"
    REPEATED_EXECUTIONS = "REPEATED_EXECUTIONS"
    INSTRUMENT_UNKNOWN = "INSTRUMENT_UNKNOWN"
    INSTRUMENT_NOT_TRADABLE = "INSTRUMENT_NOT_TRADABLE"
    RESTRICTED = "RESTRICTED"
    EXTENDED_HOURS = "EXTENDED_HOURS"
    VENUE_CLOSED = "VENUE_CLOSED"
    BLACKOUT = "BLACKOUT"
    SHORT_NOT_ALLOWED = "SHORT_NOT_ALLOWED"
    SIGNAL_EXPIRED = "SIGNAL_EXPIRED"
    PRICE_MISSING = "PRICE_MISSING"
    PRICE_STALE = "PRICE_STALE"
    PRICE_COLLAR = "PRICE_COLLAR"
    TRIGGER_PASSED = "TRIGGER_PASSED"
    OPTION_DATA_MISSING = "OPTION_DATA_MISSING"
    OPTION_EXPIRY = "OPTION_EXPIRY"
    ESTIMATE_MISSING = "ESTIMATE_MISSING"
    ACCOUNT_STALE = "ACCOUNT_STALE"
    EQUITY_EXHAUSTED = "EQUITY_EXHAUSTED"
    DAILY_LOSS = "DAILY_LOSS"
    RATE_EXCEEDED = "RATE_EXCEEDED"
    NOTHING_TO_CLOSE = "NOTHING_TO_CLOSE"
    ALREADY_AT_TARGET = "ALREADY_AT_TARGET"
    SIZE_ZERO = "SIZE_ZERO"
    LOT_SIZE = "LOT_SIZE"
    TICK_SIZE = "TICK_SIZE"
    MIN_QUANTITY = "MIN_QUANTITY"
    MAX_QUANTITY = "MAX_QUANTITY"
    MIN_NOTIONAL = "MIN_NOTIONAL"
    TRADE_TOO_SMALL = "TRADE_TOO_SMALL"
    ORDER_QUANTITY = "ORDER_QUANTITY"
    ORDER_NOTIONAL = "ORDER_NOTIONAL"
    VOLUME_SHARE = "VOLUME_SHARE"
    OPEN_POSITIONS = "OPEN_POSITIONS"
    OPEN_ORDERS = "OPEN_ORDERS"
    POSITION_QUANTITY = "POSITION_QUANTITY"
    SYMBOL_EXPOSURE = "SYMBOL_EXPOSURE"
    NET_EXPOSURE = "NET_EXPOSURE"
    GROSS_EXPOSURE = "GROSS_EXPOSURE"
    CONCENTRATION = "CONCENTRATION"
    PORTFOLIO_HEAT = "PORTFOLIO_HEAT"
    STRESS_LOSS = "STRESS_LOSS"
    ESTIMATE_STALE = "ESTIMATE_STALE"
    CORRELATED_EXPOSURE = "CORRELATED_EXPOSURE"
    VAR_LIMIT = "VAR_LIMIT"
    CVAR_LIMIT = "CVAR_LIMIT"
    LEVERAGE = "LEVERAGE"
    BUYING_POWER = "BUYING_POWER"
    OPTION_RISK_UNDEFINED = "OPTION_RISK_UNDEFINED"
    OPTION_GREEKS = "OPTION_GREEKS"
    SELF_TRADE = "SELF_TRADE"
    DUPLICATE = "DUPLICATE"
    STRUCTURE_LOSS = "STRUCTURE_LOSS"
    STRUCTURE_UNEVEN = "STRUCTURE_UNEVEN"


class Meaning(NamedTuple):
    """What a code says to a person."""

    what: str
    would_pass: str


MEANINGS: dict[Code, Meaning] = {
    Code.CAUSE_MISSING: Meaning(
        "A message that the signal depends on did not arrive in time, so the decision would have "
        "been made on an old book.",
        "The next signal, once the channel has caught up.",
    ),
    Code.FOREIGN_SIGNAL: Meaning(
        "The signal names another session or another feed than this session's.",
        "A signal of this session, made from this session's feed.",
    ),
    Code.ORDER_INVALID: Meaning(
        "A part of an order by hand is missing, out of its bounds, or does not fit the others.",
        "The part that the message names, within the bounds that it gives.",
    ),
    Code.SIGNAL_INVALID: Meaning(
        "A field of the signal is missing, not finite or out of its bounds.",
        "The field that the message names, within the bounds that it gives.",
    ),
    Code.BREAKER_OPEN: Meaning(
        "A breaker holds a scope that covers the order; the message says which, and why.",
        "The same signal after the breaker was lowered, or after the end of a pause; at "
        "REDUCE_ONLY, an order that only reduces.",
    ),
    Code.MODEL_NOT_APPROVED: Meaning(
        "The strategy is none of the session's, or its version is not approved: neither named "
        "in `models_approved` nor, when that is empty, the version of its first signal.",
        "A version that `models_approved` names, or the one that the session began with.",
    ),
    Code.GATE_CLOSED: Meaning(
        "The gate is not open for this order in a scope that covers it.",
        "The same signal after two principals have lowered the gate; at REDUCE_ONLY, an order "
        "that only reduces.",
    ),
    Code.REPEATED_EXECUTIONS: Meaning(
        "The strategy executed the same side and quantity of a symbol `repeat_executions_max` "
        "times in a row, each within `repeat_window_s`, and is disabled.",
        "The same signal after two principals have lowered the gate in the strategy's scope.",
    ),
    Code.INSTRUMENT_UNKNOWN: Meaning(
        "The feed has not described this symbol at this venue.",
        "A symbol that the session's feed publishes.",
    ),
    Code.INSTRUMENT_NOT_TRADABLE: Meaning(
        "The venue does not let this instrument be traded now.",
        "The same signal once the instrument is tradable again.",
    ),
    Code.RESTRICTED: Meaning(
        "The limits of the session, the strategy or the symbol say `entries_allowed: false`.",
        "An order that only reduces; the same signal once entries are allowed there.",
    ),
    Code.EXTENDED_HOURS: Meaning(
        "The order is to work before and after the regular session too, and the limits do not "
        "allow that, or the instrument does not trade then.",
        "`extended_hours_allowed: true` in the limits and an instrument with extended hours; the "
        "same order for the regular session alone.",
    ),
    Code.VENUE_CLOSED: Meaning(
        "The instrument says when its venue is open, and it is closed now.",
        "The same signal in an interval that the instrument names; between the longer intervals, "
        "a limit order that asks for extended hours.",
    ),
    Code.BLACKOUT: Meaning(
        "The limits name a time in which nothing is opened, and it is now.",
        "The same signal when the blackout is over; the refusal says when.",
    ),
    Code.SHORT_NOT_ALLOWED: Meaning(
        "A short position is wanted, and the session's limits or the venue forbid it.",
        "`short_allowed: true` in the limits and a shortable instrument.",
    ),
    Code.SIGNAL_EXPIRED: Meaning(
        "The signal is older than `signal_age_max_s`, or its order would have expired.",
        "A newer signal.",
    ),
    Code.PRICE_MISSING: Meaning(
        "No bar of a symbol that must be valued has arrived yet.",
        "The same signal after the first bar.",
    ),
    Code.PRICE_STALE: Meaning(
        "The newest bar is older than `price_age_max_bars` of its own length, or than "
        "`price_age_max_s`.",
        "The same signal after a fresh bar.",
    ),
    Code.PRICE_COLLAR: Meaning(
        "The signal's reference price, or a limit price that would trade at once, is further "
        "from the newest close than `price_collar_fraction`; or a stop entry's limit from its "
        "trigger.",
        "A price within the collar that the message names.",
    ),
    Code.TRIGGER_PASSED: Meaning(
        "The newest close is at a stop entry's trigger or beyond it: the order would go to the "
        "market at once, at whatever price.",
        "A trigger that is not reached yet, or an entry of another style.",
    ),
    Code.OPTION_DATA_MISSING: Meaning(
        "The terms, the Greeks or the underlying's price of this option, or of one that is "
        "held, are missing or stale.",
        "The same signal once the feed has published them.",
    ),
    Code.OPTION_EXPIRY: Meaning(
        "The option expires within `option_expiry_margin_s`.",
        "An option that expires later.",
    ),
    Code.ESTIMATE_MISSING: Meaning(
        "What sizes or limits are measured by is not known yet, and `estimates_required` is set.",
        "The same signal once enough bars have been seen.",
    ),
    Code.ACCOUNT_STALE: Meaning(
        "The portfolio's account is behind this session's fills, or values a position at a stale "
        "price.",
        "The same signal after an account snapshot that has booked every fill at fresh prices.",
    ),
    Code.EQUITY_EXHAUSTED: Meaning(
        "The account's equity is zero or negative.",
        "Nothing until capital is added; positions can still be closed.",
    ),
    Code.DAILY_LOSS: Meaning(
        "The account has lost `daily_loss_max_percent` or more since the UTC day began.",
        "Orders that only reduce; any order on the next UTC day.",
    ),
    Code.RATE_EXCEEDED: Meaning(
        "`rate_orders_max` orders were approved within `rate_window_s`.",
        "The same signal once the oldest of them has left the window.",
    ),
    Code.NOTHING_TO_CLOSE: Meaning(
        "FLAT was asked for, and the strategy holds nothing there and has no entry order open.",
        "FLAT while the strategy holds a position or has an entry order.",
    ),
    Code.ALREADY_AT_TARGET: Meaning(
        "What the strategy holds, with its open orders, already reaches the wanted size.",
        "The same signal after the position has shrunk or equity has grown by more than a lot.",
    ),
    Code.SIZE_ZERO: Meaning(
        "The sizing rules leave less than one lot.",
        "More equity, a nearer stop, a larger fraction or a smaller lot.",
    ),
    Code.LOT_SIZE: Meaning(
        "The quantity is not a multiple of the venue's lot.",
        "The quantity rounded down to the lot.",
    ),
    Code.TICK_SIZE: Meaning(
        "The limit price or the trigger is not a multiple of the venue's tick.",
        "The price on the tick.",
    ),
    Code.MIN_QUANTITY: Meaning(
        "The quantity is below the venue's smallest order.",
        "The quantity that the message names.",
    ),
    Code.MAX_QUANTITY: Meaning(
        "The quantity is above the venue's largest order.",
        "The quantity that the message names.",
    ),
    Code.MIN_NOTIONAL: Meaning(
        "Quantity times price is below the venue's smallest order value.",
        "The value that the message names.",
    ),
    Code.TRADE_TOO_SMALL: Meaning(
        "Quantity times price is below `trade_notional_min`, so fees would eat the trade.",
        "A larger size, or a smaller `trade_notional_min`.",
    ),
    Code.ORDER_QUANTITY: Meaning(
        "The quantity is above `order_quantity_max`.",
        "At most that quantity.",
    ),
    Code.ORDER_NOTIONAL: Meaning(
        "Quantity times price is above `order_notional_max_fraction` of equity.",
        "At most the quantity that the message names.",
    ),
    Code.VOLUME_SHARE: Meaning(
        "The quantity is above `volume_share_max_fraction` of what trades in a day.",
        "At most the quantity that the message names.",
    ),
    Code.OPEN_POSITIONS: Meaning(
        "The order would open a position beyond `open_positions_max`, entry orders counted.",
        "A symbol that is already held, or the same signal after a position has closed.",
    ),
    Code.OPEN_ORDERS: Meaning(
        "`open_orders_max` orders are open.",
        "The same signal after one of them has ended.",
    ),
    Code.POSITION_QUANTITY: Meaning(
        "The symbol's worst-case position would exceed `position_quantity_max`.",
        "A smaller order.",
    ),
    Code.SYMBOL_EXPOSURE: Meaning(
        "The symbol's worst-case exposure would exceed `symbol_exposure_max_fraction` of equity. "
        "Worst case: the position with all open buys filled, or with all open sells filled.",
        "At most the quantity that the message names.",
    ),
    Code.NET_EXPOSURE: Meaning(
        "Longs less shorts, with every open order of the order's side filled and none of the "
        "other, would exceed `net_exposure_max_fraction` of equity.",
        "At most the quantity that the message names.",
    ),
    Code.GROSS_EXPOSURE: Meaning(
        "The sum of all symbols' worst-case exposures would exceed `gross_exposure_max_fraction` "
        "of equity.",
        "At most the quantity that the message names.",
    ),
    Code.CONCENTRATION: Meaning(
        "The worst case of the order's asset at all venues, or of its class of assets, would "
        "exceed `asset_exposure_max_fraction` or `asset_class_exposure_max_fraction` of equity.",
        "At most the quantity that the message names; whatever reduces it.",
    ),
    Code.PORTFOLIO_HEAT: Meaning(
        "If every stop were hit, the order's own among them, the loss would exceed "
        "`portfolio_heat_max_fraction` of equity.",
        "At most the quantity that the message names, or a nearer stop.",
    ),
    Code.STRESS_LOSS: Meaning(
        "In one of the scenarios the book would lose more than `stress_loss_max_fraction` of "
        "equity, and more than without the order.",
        "At most the quantity that the message names; an order that makes the loss smaller.",
    ),
    Code.ESTIMATE_STALE: Meaning(
        "The estimates of portfolio risk are older than `estimate_age_max_s`; or a listing has too "
        "few returns, and `estimates_required` is set.",
        "The same signal once enough bars have come in.",
    ),
    Code.CORRELATED_EXPOSURE: Meaning(
        "Positions whose correlation with the order reaches `correlation_threshold`, and its own, "
        "would exceed `correlated_exposure_max_fraction` of equity.",
        "At most the quantity that the message names; something that moves differently.",
    ),
    Code.VAR_LIMIT: Meaning(
        "The value at risk would exceed `var_max_fraction` of equity, and be more than without the "
        "order: the worst of the historical, the parametric and the Student one.",
        "At most the quantity that the message names; an order that hedges.",
    ),
    Code.CVAR_LIMIT: Meaning(
        "The mean loss beyond the value at risk would exceed `cvar_max_fraction` of "
        "equity, and be more than without the order.",
        "At most the quantity that the message names; an order that hedges.",
    ),
    Code.LEVERAGE: Meaning(
        "The sum of all symbols' worst-case exposures would exceed `leverage_max` times equity.",
        "At most the quantity that the message names.",
    ),
    Code.BUYING_POWER: Meaning(
        "The order's cost, with `cash_buffer_fraction` on top, is above the cash that open orders "
        "have not reserved.",
        "At most the quantity that the message names.",
    ),
    Code.OPTION_RISK_UNDEFINED: Meaning(
        "More options would be sold than are held of the same underlying and right to the same "
        "expiry or a later one: the loss would have no bound. Of an order with legs, its own legs "
        "do not bound it, or they expire on different days.",
        "As much after the covering options have been bought; a leg that covers.",
    ),
    Code.OPTION_GREEKS: Meaning(
        "Delta, gamma, vega or theta of all options in the worst case would exceed its share of "
        "equity.",
        "A smaller order, or one of the opposite sign.",
    ),
    Code.SELF_TRADE: Meaning(
        "An open order of this account on the other side of the symbol could meet this one.",
        "The same signal once that order has ended.",
    ),
    Code.DUPLICATE: Meaning(
        "The strategy had the same side and quantity of the symbol approved within "
        "`duplicate_window_s`.",
        "The same signal after the window.",
    ),
    Code.STRUCTURE_LOSS: Meaning(
        "An order with legs could lose more at its expiry than `option_loss_max_fraction` of "
        "equity.",
        "At most the quantity that the message names; legs that lie nearer to each other.",
    ),
    Code.STRUCTURE_UNEVEN: Meaning(
        "A strategy asks for a structure of which it holds some legs and not others, unequally "
        "many, or the other way around.",
        "The same signal once what is held of the legs is closed.",
    ),
}


Figure: TypeAlias = "tuple[str, Decimal | int, str]"
"""A number that a decision was made on: its name, its value, its unit; see `written`."""


class Refused(msgspec.Struct, frozen=True):
    """A refusal of one signal, with the numbers of its case."""

    code: Code
    expected: str
    found: str
    remedy: str
    numbers: tuple[DecisionNumber, ...] = ()

    @property
    def message(self) -> str:
        """What was expected, what came, what would pass."""
        return f"expected {self.expected}, found {self.found}; {self.remedy}"


def number(name: str, value: Decimal | int, unit: str) -> DecisionNumber:
    """Name a number that a decision was made on."""
    return written([(name, value, unit)])[0]


def written(figures: Iterable[Figure]) -> tuple[DecisionNumber, ...]:
    """Return figures as messages carry them."""
    return tuple(
        [
            DecisionNumber(
                name=name, value=value if type(value) is Decimal else Decimal(value), unit=unit
            )
            for name, value, unit in figures
        ]
    )


def shown(value: Decimal, unit: str) -> str:
    """Write a number for a message, rounded to what a person reads."""
    places = 2 if abs(value) >= 1 else 8
    return f"{plain(round(value, places))} {unit}".rstrip()
