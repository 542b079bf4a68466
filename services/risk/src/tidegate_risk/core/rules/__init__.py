"""The rules, in the order in which they are asked. The first refusal is the answer.

Rules of the first table are asked about the signal, before it has a size; rules of the second
about the sized order. A rule that only bounds increases is not asked about an order that can
only reduce a position: a limit must never keep anybody from getting out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from tidegate_risk.core.manual import judging
from tidegate_risk.core.question import Proposal, Question
from tidegate_risk.core.refusals import Code, Refused
from tidegate_risk.core.rules import (
    account_fresh,
    belongs,
    blackout,
    breakers,
    buying_power,
    concentration,
    correlated_exposure,
    cvar_limit,
    daily_loss,
    duplicate,
    equity_positive,
    estimate_fresh,
    estimates,
    extended_hours,
    gate,
    grid,
    gross_exposure,
    instrument,
    leverage,
    model_approved,
    net_exposure,
    open_orders,
    open_positions,
    option_data,
    option_expiry,
    option_greeks,
    option_risk,
    order_notional,
    order_quantity,
    order_size,
    portfolio_heat,
    position_quantity,
    price_collar,
    price_fresh,
    price_present,
    rate,
    repeats,
    restricted,
    self_trade,
    short_allowed,
    signal_age,
    stress_loss,
    symbol_exposure,
    trigger,
    valid_signal,
    var_limit,
    venue_open,
    volume_share,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Subject = TypeVar("Subject", Question, Proposal)


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """One rule: its codes, its check, and whether it only bounds increases."""

    codes: tuple[Code, ...]
    check: Callable[[Subject], Refused | None]
    increases_only: bool = True


SIGNAL_RULES: tuple[Rule[Question], ...] = (
    Rule((Code.FOREIGN_SIGNAL,), belongs.check, increases_only=False),
    Rule((Code.ORDER_INVALID,), judging.check, increases_only=False),
    Rule((Code.SIGNAL_INVALID,), valid_signal.check, increases_only=False),
    Rule((Code.BREAKER_OPEN,), breakers.check, increases_only=False),
    Rule((Code.MODEL_NOT_APPROVED,), model_approved.check),
    Rule((Code.GATE_CLOSED,), gate.check, increases_only=False),
    Rule((Code.REPEATED_EXECUTIONS,), repeats.check),
    Rule(
        (Code.INSTRUMENT_UNKNOWN, Code.INSTRUMENT_NOT_TRADABLE),
        instrument.check,
        increases_only=False,
    ),
    Rule((Code.RESTRICTED,), restricted.check),
    Rule((Code.EXTENDED_HOURS,), extended_hours.check, increases_only=False),
    Rule((Code.VENUE_CLOSED,), venue_open.check, increases_only=False),
    Rule((Code.BLACKOUT,), blackout.check),
    Rule((Code.SHORT_NOT_ALLOWED,), short_allowed.check),
    Rule((Code.SIGNAL_EXPIRED,), signal_age.check),
    Rule((Code.PRICE_MISSING,), price_present.check),
    Rule((Code.PRICE_STALE,), price_fresh.check),
    Rule((Code.PRICE_COLLAR,), price_collar.check),
    Rule((Code.TRIGGER_PASSED,), trigger.check),
    Rule((Code.OPTION_DATA_MISSING,), option_data.check),
    Rule((Code.OPTION_EXPIRY,), option_expiry.check),
    Rule((Code.ESTIMATE_MISSING,), estimates.check),
    Rule((Code.ACCOUNT_STALE,), account_fresh.check),
    Rule((Code.EQUITY_EXHAUSTED,), equity_positive.check),
    Rule((Code.DAILY_LOSS,), daily_loss.check),
    Rule((Code.RATE_EXCEEDED,), rate.check),
)

SIZING_CODES = (Code.NOTHING_TO_CLOSE, Code.ALREADY_AT_TARGET, Code.SIZE_ZERO)
"""Between the tables the signal is sized, which may find that there is nothing to order."""

ORDER_RULES: tuple[Rule[Proposal], ...] = (
    Rule((Code.LOT_SIZE,), grid.check_lot, increases_only=False),
    Rule((Code.TICK_SIZE,), grid.check_tick, increases_only=False),
    Rule((Code.MIN_QUANTITY,), order_size.check_quantity, increases_only=False),
    Rule((Code.MAX_QUANTITY,), order_size.check_largest, increases_only=False),
    Rule((Code.MIN_NOTIONAL,), order_size.check_notional, increases_only=False),
    Rule((Code.TRADE_TOO_SMALL,), order_size.check_trade),
    Rule((Code.ORDER_QUANTITY,), order_quantity.check),
    Rule((Code.ORDER_NOTIONAL,), order_notional.check),
    Rule((Code.VOLUME_SHARE,), volume_share.check),
    Rule((Code.OPEN_POSITIONS,), open_positions.check),
    Rule((Code.OPEN_ORDERS,), open_orders.check),
    Rule((Code.POSITION_QUANTITY,), position_quantity.check),
    Rule((Code.SYMBOL_EXPOSURE,), symbol_exposure.check),
    Rule((Code.NET_EXPOSURE,), net_exposure.check),
    Rule((Code.GROSS_EXPOSURE,), gross_exposure.check),
    Rule((Code.CONCENTRATION,), concentration.check),
    Rule((Code.PORTFOLIO_HEAT,), portfolio_heat.check),
    Rule((Code.STRESS_LOSS,), stress_loss.check),
    Rule((Code.ESTIMATE_STALE,), estimate_fresh.check),
    Rule((Code.CORRELATED_EXPOSURE,), correlated_exposure.check),
    Rule((Code.VAR_LIMIT,), var_limit.check),
    Rule((Code.CVAR_LIMIT,), cvar_limit.check),
    Rule((Code.LEVERAGE,), leverage.check),
    Rule((Code.BUYING_POWER,), buying_power.check),
    Rule((Code.OPTION_RISK_UNDEFINED,), option_risk.check),
    Rule((Code.OPTION_GREEKS,), option_greeks.check),
    Rule((Code.SELF_TRADE,), self_trade.check),
    Rule((Code.DUPLICATE,), duplicate.check),
)


STRUCTURE_CODES = (Code.STRUCTURE_LOSS, Code.STRUCTURE_UNEVEN)
"""Of orders with legs: asked about the whole (`structures`), beside the codes above."""


def first_refusal(
    rules: tuple[Rule[Subject], ...], subject: Subject, *, increasing: bool
) -> Refused | None:
    """Ask the rules in order and return the first refusal."""
    for rule in rules:
        if increasing or not rule.increases_only:
            refused = rule.check(subject)
            if refused is not None:
                return refused
    return None
