"""For every code a verdict that is refused for it, and one a unit away that is not.

The desk's strategy wants 10 % of 100,000 USD at 100 USD: 100 shares of AAPL.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate_contracts.execution import OrderState
from tidegate_contracts.market import (
    AssetClass,
    OpenInterval,
    OptionGreeks,
    OptionRight,
    OptionTerms,
)
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import GateAction, GateEvent, GateLevel, Verdict
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.gate import Level
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.breakers.limits import Plain
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.refusals import Code
from tidegate_risk.core.schedules.blackouts import Blackout
from tidegate_risk.testing import (
    ASLEEP,
    SESSION,
    START_NS,
    Desk,
    bar,
    instrument,
    parameters,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SYMBOLS = ("AAPL", "MSFT", "TSLA")
EXPIRY_NS = START_NS + 30 * NS_PER_DAY
TERMS = OptionTerms(
    underlying="AAPL", right=OptionRight.CALL, strike=Decimal(110), expires_at_ns=EXPIRY_NS
)
GREEKS = OptionGreeks(
    delta=Decimal("0.5"),
    gamma=Decimal("0.02"),
    vega=Decimal("0.3"),
    theta=Decimal("-0.1"),
    at_ns=START_NS,
)


@dataclass(frozen=True)
class Case:
    """Two verdicts, one unit apart; the second is refused with the case's code."""

    passes: Callable[[], Verdict]
    refused: Callable[[], Verdict]


def desk(**limits: Any) -> Desk:  # noqa: ANN401 - any limit by its name
    """Return a desk of three symbols under wide limits but for those named."""
    exact: dict[str, Any] = {n: Decimal(v) if isinstance(v, str) else v for n, v in limits.items()}
    return Desk(parameters(**exact), SYMBOLS)


def limited(name: str, passes: Any, refused: Any) -> Case:  # noqa: ANN401 - values of a limit
    """Ask for 100 AAPL, with 100 MSFT held and 100 TSLA on order, under two values of a limit."""

    def asked(value: Any) -> Verdict:  # noqa: ANN401 - the limit's
        return busy(desk(**{name: value}))

    return Case(lambda: asked(passes), lambda: asked(refused))


def busy(made: Desk) -> Verdict:
    """Hold 100 MSFT, of which 40 cost 90 USD, and 100 TSLA on order; then ask for AAPL."""
    loose = Desk(parameters(), SYMBOLS)
    bought = loose.ask(symbol="MSFT", strategy="first")
    loose.fill(bought, 60)
    loose.fill(bought, 40, 90)
    loose.report(bought, OrderState.FILLED, 100)
    loose.ask(symbol="TSLA", strategy="second")
    move(loose, made)
    return made.ask()


def move(loose: Desk, made: Desk) -> None:
    """Go on at a desk, under its own limits, where another one stands."""
    loose.machine.state.limits = made.machine.state.limits
    made.machine = DecisionMachine.restore(made.machine.parameters, loose.machine.snapshot())
    made.now_ns = loose.now_ns


def told(
    passing: dict[str, Any],
    refused: dict[str, Any],
    before: Callable[[Desk], object] = lambda _: None,
    **limits: Any,  # noqa: ANN401 - any limit by its name
) -> Case:
    """Prepare a desk and ask with two sets of fields of the signal."""

    def asked(fields: dict[str, Any]) -> Verdict:
        made = desk(**limits)
        before(made)
        return made.ask(**fields)

    return Case(lambda: asked(passing), lambda: asked(refused))


def prepared(
    passing: Callable[[Desk], object],
    refused: Callable[[Desk], object],
    fields: dict[str, Any] | None = None,
    **limits: Any,  # noqa: ANN401 - any limit by its name
) -> Case:
    """Prepare a desk in two ways and ask."""

    def asked(before: Callable[[Desk], object]) -> Verdict:
        made = desk(**limits)
        before(made)
        return made.ask(**(fields or {}))

    return Case(lambda: asked(passing), lambda: asked(refused))


# --- what desks are prepared with -----------------------------------------------------------------


def wait(duration_ns: int) -> Callable[[Desk], object]:
    """Let time pass."""

    def passed(made: Desk) -> None:
        made.now_ns += duration_ns

    return passed


def described(**changes: Any) -> Callable[[Desk], object]:  # noqa: ANN401 - any field
    """Describe AAPL otherwise."""
    return lambda made: made.tell(instrument(**changes))


def account(equity: str, **changes: Any) -> Callable[[Desk], object]:  # noqa: ANN401 - any field
    """Let the portfolio tell its account."""
    told_ = AccountSnapshot(
        session=SESSION,
        equity=Decimal(equity),
        day_start_equity=Decimal(100_000),
        event_at_ns=START_NS,
        fills_booked=10**6,
    )
    return lambda made: made.tell(msgspec.structs.replace(told_, **changes))


def raised(level: GateLevel, strategy: str = "ema") -> Callable[[Desk], object]:
    """Raise the gate of a strategy."""
    scope = f"strategy:{SESSION}/{strategy}"
    event = GateEvent(action=GateAction.RAISED, scope=scope, level=level, gate_epoch=1)
    return lambda made: made.tell(event)


def lost(cents: int) -> Callable[[Desk], object]:
    """Hold 100 MSFT and let them close elsewhere."""

    def told_(made: Desk) -> None:
        made.hold("MSFT", "first")
        made.now_ns += 1
        made.tell(bar("MSFT", cents, made.now_ns))

    return told_


def repeated(times: int) -> Callable[[Desk], object]:
    """Let the strategy buy the same so many times."""

    def told_(made: Desk) -> None:
        for _ in range(times):
            made.now_ns += 1
            made.hold("MSFT")
            made.machine.state.book.holdings.owned.clear()

    return told_


def trading(made: Desk) -> None:
    """Let AAPL trade 1,000 shares in the only whole day."""
    made.ask(Direction.FLAT)
    half = NS_PER_DAY // 2
    for number, volume in enumerate((7, 7, 400, 600, 9)):
        made.now_ns = START_NS + (number + 1) * half
        told_ = bar(end_ns=made.now_ns)
        made.tell(
            msgspec.structs.replace(
                told_, timeframe_ns=half, start_ns=made.now_ns - half, volume=volume
            )
        )


def optional(made: Desk, *symbols: str, **changes: Any) -> None:  # noqa: ANN401 - any field
    """Describe calls on AAPL that cost 1 USD."""
    for symbol in symbols:
        usual = {"asset_class": AssetClass.OPTION, "option": TERMS, "greeks": GREEKS}
        made.tell(instrument(symbol, **{**usual, **changes}))
        made.tell(bar(symbol, 100))


def cover(made: Desk, terms: OptionTerms) -> None:
    """Hold 10,000 of a call, and let another be there to be sold."""
    optional(made, "SOLD")
    optional(made, "HELD", option=terms)
    held = made.ask(symbol="HELD", strategy="first")
    made.fill(held, 10_000, 1)
    made.report(held, OrderState.FILLED, 10_000)


def daily(made: Desk) -> None:
    """Give all three a history of 120 days: AAPL and MSFT together, TSLA against them."""
    generator = np.random.default_rng(7)
    moves = np.rint(generator.normal(0, 200, 120)).astype(int).tolist()
    for move in [*moves, 0]:
        made.now_ns += NS_PER_DAY
        for symbol, sign in (("AAPL", 1), ("MSFT", 1), ("TSLA", -1)):
            made.tell(bar(symbol, 10_000 + sign * move, made.now_ns))


def measured(name: str, setting: str) -> Case:
    """Hold MSFT, know the past, and ask for AAPL at the figure of a measure and a cent below."""

    def asked(limits: dict[str, Any]) -> Verdict:
        loose = desk()
        daily(loose)
        loose.hold("MSFT", "first")
        made = desk(**limits)
        move(loose, made)
        return made.ask()

    def at(less: str) -> Verdict:
        free = {each.name: each.value for each in asked({}).numbers}
        share = (free[f"{name}_after"] - Decimal(less)) / free["equity"]
        return asked({setting: share})

    return Case(lambda: at("0"), lambda: at("0.01"))


def opposed(limit: str) -> Callable[[Desk], object]:
    """Let another strategy's limit order rest on the other side."""

    def told_(made: Desk) -> None:
        made.ask(
            Direction.SHORT,
            strategy="first",
            entry_style=EntryStyle.LIMIT,
            limit_price=Decimal(limit),
        )

    return told_


def cancelled(after_ns: int) -> Callable[[Desk], object]:
    """Let the same order have been cancelled a while ago."""

    def told_(made: Desk) -> None:
        made.report(made.ask(), OrderState.CANCELLED)
        made.now_ns += after_ns

    return told_


def mine(made: Desk) -> object:
    """Hold 100 AAPL."""
    return made.hold()


def nothing(_: Desk) -> None:
    """Leave the desk as it is."""


def limit_at(price: str) -> dict[str, Any]:
    """Ask for a limit entry."""
    return {"entry_style": EntryStyle.LIMIT, "limit_price": Decimal(price)}


def stop_at(price: str) -> dict[str, Any]:
    """Ask for a stop entry."""
    return {"entry_style": EntryStyle.STOP, "trigger_price": Decimal(price)}


HOURS = (
    OpenInterval(opens_at_ns=START_NS - 10, closes_at_ns=START_NS + 1),
    OpenInterval(opens_at_ns=START_NS + 9 * 10**9, closes_at_ns=START_NS + 10**10),
)
SHUT = msgspec.structs.replace(ASLEEP, daily_loss=Plain(enabled=True, level=Level.REDUCE_ONLY))
EARLY = msgspec.structs.replace(TERMS, expires_at_ns=EXPIRY_NS - 1)
FLAT = {"direction": Direction.FLAT}
CALL: dict[str, Any] = {"symbol": "CALL"}

CASES: dict[Code, Case] = {
    Code.FOREIGN_SIGNAL: told({}, {"session": "other"}),
    Code.ORDER_INVALID: Case(lambda: desk().place(quantity=1), lambda: desk().place(quantity=0)),
    Code.SIGNAL_INVALID: told({"strength": 1.0}, {"strength": 1.000001}),
    Code.BREAKER_OPEN: prepared(
        lost(8_001), lost(8_000), daily_loss_max_percent="2", breakers=SHUT
    ),
    Code.MODEL_NOT_APPROVED: told({}, {"model_version": "other"}, models_approved=("test",)),
    Code.GATE_CLOSED: prepared(raised(GateLevel.OPEN), raised(GateLevel.REDUCE_ONLY)),
    Code.REPEATED_EXECUTIONS: prepared(repeated(2), repeated(3), repeat_executions_max=3),
    Code.INSTRUMENT_UNKNOWN: told({}, {"symbol": "NVDA"}),
    Code.INSTRUMENT_NOT_TRADABLE: prepared(nothing, described(tradable=False)),
    Code.RESTRICTED: limited("entries_allowed", passes=True, refused=False),
    Code.EXTENDED_HOURS: Case(
        lambda: _around(described(extended_intervals=HOURS)),
        lambda: _around(described(open_intervals=HOURS)),
    ),
    Code.VENUE_CLOSED: Case(
        lambda: _at(0, described(open_intervals=HOURS)),
        lambda: _at(1, described(open_intervals=HOURS)),
    ),
    Code.BLACKOUT: prepared(
        wait(9), wait(10), blackouts=(Blackout("FOMC", START_NS + 10, START_NS + 20),)
    ),
    Code.SHORT_NOT_ALLOWED: told({}, {"direction": Direction.SHORT}),
    Code.SIGNAL_EXPIRED: told(
        {"event_at_ns": START_NS - 5_000_000},
        {"event_at_ns": START_NS - 5_000_001},
        signal_age_max_ns=5_000_000,
    ),
    Code.PRICE_MISSING: prepared(
        lambda made: made.tell(bar(close=1, end_ns=START_NS + 1)),
        lambda made: made.tell(bar(close=0, end_ns=START_NS + 1)),
    ),
    Code.PRICE_STALE: prepared(
        wait(2 * NS_PER_DAY), wait(2 * NS_PER_DAY + 1), price_age_max_bars=2
    ),
    Code.PRICE_COLLAR: told(
        {"reference_price": Decimal(105)},
        {"reference_price": Decimal("105.01")},
        price_collar_fraction="0.05",
    ),
    Code.TRIGGER_PASSED: told(stop_at("100.01"), stop_at("100")),
    Code.OPTION_DATA_MISSING: prepared(
        lambda made: optional(made, "CALL"),
        lambda made: optional(made, "CALL", greeks=None),
        CALL,
    ),
    Code.OPTION_EXPIRY: prepared(
        lambda made: optional(made, "CALL"),
        lambda made: optional(made, "CALL", option=EARLY),
        CALL,
        option_expiry_margin_ns=30 * NS_PER_DAY - 1,
    ),
    Code.ESTIMATE_MISSING: limited("estimates_required", passes=False, refused=True),
    Code.ACCOUNT_STALE: prepared(account("100000"), account("100000", marks_stale=True)),
    Code.EQUITY_EXHAUSTED: prepared(account("0.01"), account("0")),
    Code.DAILY_LOSS: prepared(account("98000.01"), account("98000"), daily_loss_max_percent="2"),
    Code.RATE_EXCEEDED: limited("rate_orders_max", 3, 2),
    Code.NOTHING_TO_CLOSE: prepared(mine, nothing, FLAT),
    Code.ALREADY_AT_TARGET: prepared(nothing, mine),
    Code.SIZE_ZERO: limited("position_fraction", "0.001", "0.000999"),
    Code.MIN_QUANTITY: prepared(
        described(min_quantity=Decimal(100)), described(min_quantity=Decimal(101))
    ),
    Code.MAX_QUANTITY: prepared(
        described(max_quantity=Decimal(100)), described(max_quantity=Decimal(99))
    ),
    Code.MIN_NOTIONAL: prepared(
        described(min_notional=Decimal(10_000)), described(min_notional=Decimal("10000.01"))
    ),
    Code.TRADE_TOO_SMALL: limited("trade_notional_min", "10000", "10000.01"),
    Code.ORDER_QUANTITY: limited("order_quantity_max", "100", "99"),
    Code.ORDER_NOTIONAL: limited("order_notional_max_fraction", "0.1", "0.0999999"),
    Code.VOLUME_SHARE: Case(
        lambda: _traded("0.1"),
        lambda: _traded("0.0999"),
    ),
    Code.OPEN_POSITIONS: limited("open_positions_max", 3, 2),
    Code.OPEN_ORDERS: limited("open_orders_max", 2, 1),
    Code.POSITION_QUANTITY: limited("position_quantity_max", "100", "99"),
    Code.SYMBOL_EXPOSURE: limited("symbol_exposure_max_fraction", "0.1", "0.0999999"),
    Code.NET_EXPOSURE: limited("net_exposure_max_fraction", "0.3", "0.2999999"),
    Code.GROSS_EXPOSURE: limited("gross_exposure_max_fraction", "0.3", "0.2999999"),
    Code.CONCENTRATION: limited("asset_class_exposure_max_fraction", "0.3", "0.2999999"),
    Code.PORTFOLIO_HEAT: limited("portfolio_heat_max_fraction", "0.024", "0.0239999"),
    Code.STRESS_LOSS: measured("stress_loss", "stress_loss_max_fraction"),
    Code.ESTIMATE_STALE: Case(lambda: _known(NS_PER_DAY), lambda: _known(NS_PER_DAY - 10**9)),
    Code.CORRELATED_EXPOSURE: measured("correlated_exposure", "correlated_exposure_max_fraction"),
    Code.VAR_LIMIT: measured("var", "var_max_fraction"),
    Code.CVAR_LIMIT: measured("cvar", "cvar_max_fraction"),
    Code.LEVERAGE: limited("leverage_max", "0.3", "0.2999999"),
    Code.BUYING_POWER: limited("cash_buffer_fraction", "7", "9"),
    Code.OPTION_RISK_UNDEFINED: prepared(
        lambda made: cover(made, TERMS),
        lambda made: cover(made, EARLY),
        {"symbol": "SOLD", "direction": Direction.SHORT},
        short_allowed=True,
    ),
    Code.OPTION_GREEKS: Case(lambda: _greek("5"), lambda: _greek("4.999999")),
    Code.SELF_TRADE: prepared(
        opposed("100.01"), opposed("100"), limit_at("100"), short_allowed=True
    ),
    Code.DUPLICATE: prepared(cancelled(100), cancelled(99), duplicate_window_ns=100),
}


def _at(offset_ns: int, before: Callable[[Desk], object]) -> Verdict:
    made = desk()
    before(made)
    made.now_ns += offset_ns
    return made.ask()


def _around(before: Callable[[Desk], object]) -> Verdict:
    """Ask for a limit entry that also works before and after the regular session."""
    made = desk(extended_hours_allowed=True)
    before(made)
    return made.ask(**limit_at("100"), extended_hours=True)


def _traded(share: str) -> Verdict:
    made = desk(volume_share_max_fraction=share)
    trading(made)
    return made.ask()


def _known(age_max_ns: int) -> Verdict:
    made = desk(estimate_age_max_ns=age_max_ns)
    daily(made)
    return made.ask()


def _greek(most: str) -> Verdict:
    made = desk(option_delta_max_fraction=most)
    optional(made, "CALL")
    return made.ask(**CALL)
