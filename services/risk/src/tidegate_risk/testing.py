"""What tests of risk are written with: builders of messages, a desk and a gate's keeper.

Times are whole days after `START_NS`; prices are in cents; one share is one lot.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_contracts.execution import (
    Fill,
    OrderEvent,
    OrderSpecification,
    OrderState,
    OrderType,
    Reconciliation,
    Side,
)
from tidegate_contracts.market import AssetClass, Bar, Instrument
from tidegate_contracts.risk import (
    ApproveLowering,
    Decision,
    GateAnswer,
    GateEvent,
    GateLevel,
    PlaceOrder,
    PlaceOrderAnswer,
    RaiseGate,
    RequestLowering,
    Verdict,
)
from tidegate_contracts.signals import Direction, EntryStyle, Signal
from tidegate_kernel.gate import Level
from tidegate_kernel.machine import Answer, Called, Publish
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_risk.core.breakers.limits import (
    BreakerLimits,
    Cooldown,
    Count,
    Crash,
    Percent,
    Plain,
    Shock,
    Unreconciled,
)
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.gate.machine import GateMachine
from tidegate_risk.core.parameters import DecisionParameters, GateParameters, Limits
from tidegate_risk.core.portfolio.stress import scenarios_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_kernel.machine import Body, Effect, Event

SESSION, ACCOUNT, FEED, VENUE = "demo", "paper", "replay-demo", "XNAS"
START_NS = 20_000 * NS_PER_DAY
CAPITAL = Decimal(100_000)
VALID_NS = 600 * NS_PER_SECOND

ASLEEP = BreakerLimits(
    resumes_next_day=False,
    ramp_ns=NS_PER_DAY,
    ramp_start_fraction=Decimal("0.25"),
    daily_loss=Plain(enabled=False, level=Level.REDUCE_ONLY),
    drawdown=Percent(enabled=False, level=Level.HALTED, percent=Decimal(25)),
    pnl_jump=Percent(enabled=False, level=Level.HALTED, percent=Decimal(10)),
    losing_streak=Count(enabled=False, level=Level.REDUCE_ONLY, most=3),
    cooldown=Cooldown(enabled=False, losses=2, pause_ns=NS_PER_DAY),
    overtrading=Count(enabled=False, level=Level.REDUCE_ONLY, most=3),
    flash_crash=Crash(enabled=False, level=Level.REDUCE_ONLY, percent=Decimal(20), bars=3),
    volatility_shock=Shock(
        enabled=False,
        level=Level.REDUCE_ONLY,
        multiple=Decimal(5),
        range_min_percent=Decimal(0),
    ),
    spread=Percent(enabled=False, level=Level.REDUCE_ONLY, percent=Decimal(5)),
    stale_prices=Count(enabled=False, level=Level.REDUCE_ONLY, most=3),
    price_divergence=Percent(enabled=False, level=Level.REDUCE_ONLY, percent=Decimal(10)),
    venue_rejects=Count(enabled=False, level=Level.REDUCE_ONLY, most=3),
    unreconciled=Unreconciled(enabled=False, level=Level.REDUCE_ONLY, grace_ns=60 * NS_PER_SECOND),
)
"""Breakers that are all switched off, so that a test switches on exactly the one it is about."""

WIDE = Limits(
    trade_notional_min=Decimal(0),
    order_quantity_max=Decimal(10**9),
    order_notional_max_fraction=Decimal(100),
    symbol_exposure_max_fraction=Decimal(100),
    gross_exposure_max_fraction=Decimal(100),
    open_positions_max=1_000,
    open_orders_max=1_000,
    daily_loss_max_percent=Decimal(50),
    cash_buffer_fraction=Decimal(0),
    stop_slippage_fraction=Decimal(0),
    price_age_max_bars=1_000,
    signal_age_max_ns=1_000 * NS_PER_DAY,
    account_lag_max_ns=1_000 * NS_PER_DAY,
    duplicate_window_ns=1,
    rate_window_ns=NS_PER_DAY,
    rate_orders_max=10_000,
    entries_allowed=True,
    short_allowed=False,
    portfolio_heat_max_fraction=Decimal(100),
    stop_assumed_fraction=Decimal("0.08"),
    asset_exposure_max_fraction=Decimal(100),
    asset_class_exposure_max_fraction=Decimal(100),
    correlation_threshold=Decimal("0.7"),
    correlated_exposure_max_fraction=Decimal(100),
    var_confidence_percent=99,
    var_horizon_days=1,
    var_max_fraction=Decimal(100),
    cvar_max_fraction=Decimal(100),
    stress_loss_max_fraction=Decimal(100),
    stress_scenarios=scenarios_of({}),
    blackouts=(),
    estimate_days_min=60,
    estimate_hours_min=240,
    estimate_interval_ns=NS_PER_DAY,
    estimate_age_max_ns=1_000 * NS_PER_DAY,
    position_fraction=Decimal("0.1"),
    risk_per_trade_fraction=Decimal("0.01"),
    stop_range_multiple=Decimal(0),
    stop_range_bars=14,
    take_profit_range_multiple=Decimal(0),
    volatility_target_fraction=Decimal(1_000),
    kelly_enabled=False,
    kelly_fraction=Decimal(1),
    kelly_trades_min=10,
    kelly_size_min_fraction=Decimal(0),
    confidence_size_min_fraction=Decimal(1),
    exposure_taper_start_fraction=Decimal(1),
    loss_taper_start_fraction=Decimal(1),
    taper_size_min_fraction=Decimal(1),
    correlation_size_min_fraction=Decimal(1),
    drawdown_shrink_percent=Decimal(100),
    drawdown_size_fraction=Decimal(1),
    launch_ramp_ns=0,
    launch_size_fraction=Decimal(1),
    estimates_required=False,
    breakers=ASLEEP,
    price_age_max_ns=10_000 * NS_PER_DAY,
    price_collar_fraction=Decimal(1_000),
    models_approved=(),
    volume_share_max_fraction=Decimal(1_000),
    repeat_executions_max=10_000,
    repeat_window_ns=NS_PER_DAY,
    position_quantity_max=Decimal(10**9),
    net_exposure_max_fraction=Decimal(100),
    leverage_max=Decimal(100),
    option_expiry_margin_ns=0,
    option_delta_max_fraction=Decimal(100),
    option_gamma_max_fraction=Decimal(100),
    option_vega_max_fraction=Decimal(100),
    option_theta_max_fraction=Decimal(100),
    option_loss_max_fraction=Decimal(100),
)
"""Sizes of a tenth of equity, and limits that bind nothing: a test tightens what it is about."""


def parameters(
    *,
    lockstep: bool = True,
    **limits: Any,  # noqa: ANN401 - any limit by its name
) -> DecisionParameters:
    """Return a session's parameters: wide limits but for those named."""
    return DecisionParameters(
        session=SESSION,
        account=ACCOUNT,
        feed=FEED,
        currency="USD",
        capital=CAPITAL,
        lockstep=lockstep,
        verdict_ttl_ns=0 if lockstep else 2 * NS_PER_SECOND,
        limits=msgspec.structs.replace(WIDE, **limits),
    )


def instrument(symbol: str = "AAPL", **changes: Any) -> Instrument:  # noqa: ANN401
    """Return a share that trades in cents and whole shares."""
    usual = Instrument(
        feed=FEED,
        venue=VENUE,
        symbol=symbol,
        asset_class=AssetClass.EQUITY,
        base_currency=symbol,
        quote_currency="USD",
        price_scale=2,
        size_scale=0,
        tick_size=Decimal("0.01"),
        lot_size=Decimal(1),
        min_quantity=Decimal(1),
        min_notional=Decimal(0),
        tradable=True,
        shortable=True,
    )
    return msgspec.structs.replace(usual, **changes)


def bar(symbol: str = "AAPL", close: int = 10_000, end_ns: int = START_NS) -> Bar:
    """Return a daily bar that closes at so many cents; it opened and stayed there."""
    return Bar(
        feed=FEED,
        venue=VENUE,
        symbol=symbol,
        timeframe_ns=NS_PER_DAY,
        start_ns=end_ns - NS_PER_DAY,
        end_ns=end_ns,
        open=close,
        high=close,
        low=close,
        close=close,
        volume=1_000_000,
    )


def signal(
    direction: Direction = Direction.LONG,
    symbol: str = "AAPL",
    strategy: str = "ema",
    **changes: Any,  # noqa: ANN401
) -> Signal:
    """Return a market signal of `START_NS`."""
    usual = Signal(
        session=SESSION,
        strategy=strategy,
        feed=FEED,
        venue=VENUE,
        symbol=symbol,
        event_at_ns=START_NS,
        direction=direction,
        strength=1.0,
        confidence=1.0,
        entry_style=EntryStyle.MARKET,
        reference_price=Decimal(100),
        model_version="test",
    )
    return msgspec.structs.replace(usual, **changes)


class Desk:
    """A decision machine with instruments and prices, and the messages that come back to it."""

    def __init__(
        self, told: DecisionParameters | None = None, symbols: Sequence[str] = ("AAPL",)
    ) -> None:
        """Start a session; every symbol is described and closes at 100 USD."""
        self.machine = DecisionMachine.restore(told or parameters(), None)
        self.now_ns = START_NS
        self.ordinal = 0
        self.calls = 0
        self.executions = 0
        for symbol in symbols:
            self.tell(instrument(symbol))
            self.tell(bar(symbol))

    def tell(self, event: Event) -> Sequence[Effect]:
        """Give the machine an event now."""
        return self.machine.handle(event, self.now_ns)

    def ask(
        self,
        direction: Direction = Direction.LONG,
        symbol: str = "AAPL",
        strategy: str = "ema",
        **changes: Any,  # noqa: ANN401
    ) -> Verdict:
        """Send a new signal of now and return its verdict."""
        self.ordinal += 1
        usual = {"event_at_ns": self.now_ns, "ordinal": self.ordinal}
        return self.verdict(signal(direction, symbol, strategy, **{**usual, **changes}))

    def verdict(self, event: Event) -> Verdict:
        """Give the machine an event and return the one verdict that it publishes."""
        said = [each.body for each in self.tell(event) if isinstance(each, Publish)]
        (verdict,) = [body for body in said if isinstance(body, Verdict)]
        return verdict

    def place(self, side: Side = Side.BUY, quantity: int = 10, **changes: Any) -> Verdict:  # noqa: ANN401
        """Place an order by hand, under a new key, and return its verdict."""
        self.ordinal += 1
        answer = self.call(placed(side, quantity, **{"key": f"k{self.ordinal}", **changes}))
        assert answer.verdict is not None, answer
        return answer.verdict

    def call(self, command: PlaceOrder) -> PlaceOrderAnswer:
        """Give the command to place an order and return its answer."""
        self.calls += 1
        effects = self.tell(Called(f"p{self.calls}", command))
        (answer,) = [each.body for each in effects if isinstance(each, Answer)]
        assert isinstance(answer, PlaceOrderAnswer)
        return answer

    def fill(self, verdict: Verdict, quantity: int | None = None, price: int = 100) -> Fill:
        """Fill an approved order, wholly unless a quantity is given, without a fee."""
        specification = ordered(verdict)
        self.executions += 1
        fill = Fill(
            session=SESSION,
            account=ACCOUNT,
            strategy=verdict.strategy,
            signal_key=verdict.signal_key,
            client_order_id=specification.client_order_id,
            execution_id=f"x{self.executions}",
            venue=VENUE,
            symbol=verdict.symbol,
            side=specification.side,
            quantity=specification.quantity if quantity is None else Decimal(quantity),
            price=Decimal(price),
            fee_currency="USD",
            event_at_ns=self.now_ns,
        )
        self.tell(fill)
        return fill

    def report(self, verdict: Verdict, state: OrderState, filled: int = 0) -> None:
        """Report a state of an approved order."""
        self.tell(order_event(verdict, state, filled))

    def hold(self, symbol: str = "AAPL", strategy: str = "ema") -> Verdict:
        """Let a strategy buy its target and fill it."""
        verdict = self.ask(symbol=symbol, strategy=strategy)
        fill = self.fill(verdict)
        self.report(verdict, OrderState.FILLED, int(fill.quantity))
        return verdict


def placed(side: Side = Side.BUY, quantity: int = 10, **changes: Any) -> PlaceOrder:  # noqa: ANN401
    """Return a market order by hand, of the strategy `manual`, with a key of its own content."""
    usual: dict[str, Any] = {
        "session": SESSION,
        "principal": "operator",
        "reason": "test",
        "strategy": "manual",
        "venue": VENUE,
        "symbol": "AAPL",
        "side": side,
        "order_type": OrderType.MARKET,
        "quantity": Decimal(quantity),
    }
    usual.update(changes)
    return PlaceOrder(**{"key": str(sorted(usual.items(), key=str)), **usual})


def ordered(verdict: Verdict) -> OrderSpecification:
    """Return the order of an approved verdict."""
    assert verdict.decision == Decision.APPROVED, verdict.refusal
    assert verdict.specification is not None
    return verdict.specification


def code(verdict: Verdict) -> str:
    """Return a verdict's refusal code, or APPROVED."""
    return verdict.refusal.code if verdict.refusal else verdict.decision.name


def order_event(verdict: Verdict, state: OrderState, filled: int = 0) -> OrderEvent:
    """Return an event of an approved verdict's order."""
    return OrderEvent(
        session=SESSION,
        account=ACCOUNT,
        strategy=verdict.strategy,
        signal_key=verdict.signal_key,
        specification=ordered(verdict),
        state=state,
        filled_quantity=Decimal(filled),
        decided_at_ns=verdict.signal_event_at_ns,
        event_at_ns=verdict.decided_at_ns,
    )


class Keeper:
    """A gate machine, and everything it has published."""

    def __init__(self) -> None:
        self.machine = GateMachine.restore(GateParameters(request_valid_ns=VALID_NS), None)
        self.now_ns = 1_000
        self.calls = 0
        self.events: list[GateEvent] = []
        self.effects: list[Effect] = []

    def tell(self, event: Event) -> None:
        """Give the machine an event and keep what it does."""
        self.effects = list(self.machine.handle(event, self.now_ns))
        said = [each.body for each in self.effects if isinstance(each, Publish)]
        self.events += [body for body in said if isinstance(body, GateEvent)]

    def call(self, body: Body) -> GateAnswer:
        """Give a command and return its answer."""
        self.calls += 1
        self.tell(Called(f"c{self.calls}", body))
        answer = self.effects[-1]
        assert isinstance(answer, Answer)
        assert isinstance(answer.body, GateAnswer)
        return answer.body

    def raise_to(self, level: GateLevel = GateLevel.HALTED, scope: str = "all") -> GateAnswer:
        """Raise as the operator."""
        return self.call(RaiseGate(scope=scope, level=level, principal="operator", reason="test"))

    def request(
        self,
        level: GateLevel = GateLevel.OPEN,
        scope: str = "all",
        configured: tuple[str, ...] = (),
        seen_epoch: int | None = None,
    ) -> GateAnswer:
        """Ask for a lowering as the operator, who has seen the scope as it is unless said."""
        now_epoch = self.machine.state.view.raise_epochs.get(scope, 0)
        return self.call(
            RequestLowering(
                scope=scope,
                level=level,
                principal="operator",
                reason="over",
                configured_sessions=configured,
                seen_epoch=now_epoch if seen_epoch is None else seen_epoch,
            )
        )

    def approve(self, request_id: str, principal: str = "approver") -> GateAnswer:
        """Approve a request."""
        return self.call(ApproveLowering(request_id=request_id, principal=principal))

    def level(self, scope: str = "all") -> Level:
        """Return the level of a scope."""
        return self.machine.state.view.level_of(scope)


def reconciliation(term: int, session: str = SESSION, *, reconciled: bool = True) -> Reconciliation:
    """Report how the account of a session stands."""
    return Reconciliation(
        session=session,
        account=ACCOUNT if session == SESSION else session,
        shard=f"execution/{session}",
        term=term,
        reconciled=reconciled,
        reason="" if reconciled else "HOLDINGS_DIFFER: AAPL: expected 1, found 2; MSFT",
    )
