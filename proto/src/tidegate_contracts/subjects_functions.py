# Generated from proto/subjects by `make generate`; do not edit.
"""The subject of every message, and its place inside a round."""

from tidegate_contracts.alerts import Alert
from tidegate_contracts.definitions import SubjectFunctions
from tidegate_contracts.execution import (
    AccountEntry,
    Fill,
    OrderEvent,
    Reconciliation,
    VenueEntry,
    VenueReport,
)
from tidegate_contracts.host import (
    ChannelHeads,
    KeepTrace,
    KillNotice,
    Resend,
    RoundDone,
    RoundOpen,
)
from tidegate_contracts.market import Bar, FeedStatus, Instrument, Quote, Trade
from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry, Performance, Position
from tidegate_contracts.risk import (
    BreakerEvent,
    GateEvent,
    GateLatch,
    Heartbeat,
    LimitsChanged,
    Verdict,
)
from tidegate_contracts.signals import Signal
from tidegate_contracts.tokens import service_of, timeframe_token, token


def subject_gate(_body: GateEvent) -> str:
    """Return `gate.events`."""
    return "gate.events"


def key_gate(body: GateEvent) -> tuple[object, ...]:
    """Return the place of a `GateEvent` inside a round."""
    return (10, body.gate_epoch, body.at_ns, body.scope)


def subject_latches(body: GateLatch) -> str:
    """Return `latches.<session>`."""
    session = token(body.session)
    return f"latches.{session}"


def key_latches(body: GateLatch) -> tuple[object, ...]:
    """Return the place of a `GateLatch` inside a round."""
    return (11, body.session, body.at_ns, body.latch_id)


def subject_breakers(body: BreakerEvent) -> str:
    """Return `breakers.<session>`."""
    session = token(body.session)
    return f"breakers.{session}"


def key_breakers(body: BreakerEvent) -> tuple[object, ...]:
    """Return the place of a `BreakerEvent` inside a round."""
    return (12, body.session, body.at_ns, body.trip, body.scope, body.breaker)


def subject_limits(body: LimitsChanged) -> str:
    """Return `limits.<session>`."""
    session = token(body.session)
    return f"limits.{session}"


def key_limits(body: LimitsChanged) -> tuple[object, ...]:
    """Return the place of a `LimitsChanged` inside a round."""
    return (13, body.session, body.at_ns, body.version, body.request_id)


def subject_instruments(body: Instrument) -> str:
    """Return `instruments.<feed>.<venue>.<symbol>`."""
    feed = token(body.feed)
    venue = token(body.venue)
    symbol = token(body.symbol)
    return f"instruments.{feed}.{venue}.{symbol}"


def key_instruments(body: Instrument) -> tuple[object, ...]:
    """Return the place of a `Instrument` inside a round."""
    return (20, body.feed, body.venue, body.symbol)


def subject_bars(body: Bar) -> str:
    """Return `bars.<feed>.<timeframe>.<venue>.<symbol>`."""
    feed = token(body.feed)
    timeframe = timeframe_token(body.timeframe_ns)
    venue = token(body.venue)
    symbol = token(body.symbol)
    return f"bars.{feed}.{timeframe}.{venue}.{symbol}"


def key_bars(body: Bar) -> tuple[object, ...]:
    """Return the place of a `Bar` inside a round."""
    return (21, -body.timeframe_ns, body.venue, body.symbol, body.feed, body.start_ns)


def subject_quotes(body: Quote) -> str:
    """Return `quotes.<feed>.<venue>.<symbol>`."""
    feed = token(body.feed)
    venue = token(body.venue)
    symbol = token(body.symbol)
    return f"quotes.{feed}.{venue}.{symbol}"


def key_quotes(body: Quote) -> tuple[object, ...]:
    """Return the place of a `Quote` inside a round."""
    return (22, body.feed, body.venue, body.symbol, body.sequence)


def subject_trades(body: Trade) -> str:
    """Return `trades.<feed>.<venue>.<symbol>`."""
    feed = token(body.feed)
    venue = token(body.venue)
    symbol = token(body.symbol)
    return f"trades.{feed}.{venue}.{symbol}"


def key_trades(body: Trade) -> tuple[object, ...]:
    """Return the place of a `Trade` inside a round."""
    return (23, body.feed, body.venue, body.symbol, body.sequence)


def subject_feeds(body: FeedStatus) -> str:
    """Return `feeds.<feed>`."""
    feed = token(body.feed)
    return f"feeds.{feed}"


def key_feeds(body: FeedStatus) -> tuple[object, ...]:
    """Return the place of a `FeedStatus` inside a round."""
    return (24, body.feed, body.at_ns)


def subject_venue_entries(body: VenueEntry) -> str:
    """Return `venue_entries.<session>`."""
    session = token(body.session)
    return f"venue_entries.{session}"


def key_venue_entries(body: VenueEntry) -> tuple[object, ...]:
    """Return the place of a `VenueEntry` inside a round."""
    return (28, body.session, body.event_at_ns, body.entry_id)


def subject_entries(body: AccountEntry) -> str:
    """Return `entries.<session>`."""
    session = token(body.session)
    return f"entries.{session}"


def key_entries(body: AccountEntry) -> tuple[object, ...]:
    """Return the place of a `AccountEntry` inside a round."""
    return (29, body.session, body.event_at_ns, body.entry_id)


def subject_venue(body: VenueReport) -> str:
    """Return `venue.<session>.<symbol>`."""
    session = token(body.session)
    symbol = token(body.symbol)
    return f"venue.{session}.{symbol}"


def key_venue(body: VenueReport) -> tuple[object, ...]:
    """Return the place of a `VenueReport` inside a round."""
    return (30, body.session, body.venue, body.symbol, body.event_at_ns, body.client_order_id)


def subject_fills(body: Fill) -> str:
    """Return `fills.<session>.<strategy>.<symbol>`."""
    session = token(body.session)
    strategy = token(body.strategy)
    symbol = token(body.symbol)
    return f"fills.{session}.{strategy}.{symbol}"


def key_fills(body: Fill) -> tuple[object, ...]:
    """Return the place of a `Fill` inside a round."""
    return (
        31,
        body.session,
        body.strategy,
        body.symbol,
        body.event_at_ns,
        body.signal_key,
        body.leg,
    )


def subject_orders(body: OrderEvent) -> str:
    """Return `orders.<session>.<strategy>.<symbol>`."""
    session = token(body.session)
    strategy = token(body.strategy)
    symbol = token(body.specification.symbol)
    return f"orders.{session}.{strategy}.{symbol}"


def key_orders(body: OrderEvent) -> tuple[object, ...]:
    """Return the place of a `OrderEvent` inside a round."""
    return (
        32,
        body.session,
        body.strategy,
        body.specification.symbol,
        body.decided_at_ns,
        body.signal_key,
        body.leg,
    )


def subject_positions(body: Position) -> str:
    """Return `portfolio.<session>.positions.<symbol>`."""
    session = token(body.session)
    symbol = token(body.symbol)
    return f"portfolio.{session}.positions.{symbol}"


def key_positions(body: Position) -> tuple[object, ...]:
    """Return the place of a `Position` inside a round."""
    return (33, body.session, body.account, body.venue, body.symbol, body.event_at_ns)


def subject_account(body: AccountSnapshot) -> str:
    """Return `portfolio.<session>.account`."""
    session = token(body.session)
    return f"portfolio.{session}.account"


def key_account(body: AccountSnapshot) -> tuple[object, ...]:
    """Return the place of a `AccountSnapshot` inside a round."""
    return (34, body.session, body.account, body.event_at_ns)


def subject_performance(body: Performance) -> str:
    """Return `portfolio.<session>.performance`."""
    session = token(body.session)
    return f"portfolio.{session}.performance"


def key_performance(body: Performance) -> tuple[object, ...]:
    """Return the place of a `Performance` inside a round."""
    return (35, body.session, body.strategy, body.event_at_ns)


def subject_ledger(body: LedgerEntry) -> str:
    """Return `portfolio.<session>.ledger`."""
    session = token(body.session)
    return f"portfolio.{session}.ledger"


def key_ledger(body: LedgerEntry) -> tuple[object, ...]:
    """Return the place of a `LedgerEntry` inside a round."""
    return (36, body.session, body.event_at_ns, body.transaction_id)


def subject_reconciliations(body: Reconciliation) -> str:
    """Return `reconciliations.<session>`."""
    session = token(body.session)
    return f"reconciliations.{session}"


def key_reconciliations(body: Reconciliation) -> tuple[object, ...]:
    """Return the place of a `Reconciliation` inside a round."""
    return (37, body.session, body.event_at_ns, body.term)


def subject_signals(body: Signal) -> str:
    """Return `signals.<session>.<strategy>.<symbol>`."""
    session = token(body.session)
    strategy = token(body.strategy)
    symbol = token(body.symbol)
    return f"signals.{session}.{strategy}.{symbol}"


def key_signals(body: Signal) -> tuple[object, ...]:
    """Return the place of a `Signal` inside a round."""
    return (40, body.session, body.strategy, body.symbol, body.event_at_ns, body.ordinal)


def subject_verdicts(body: Verdict) -> str:
    """Return `verdicts.<session>.<strategy>.<symbol>`."""
    session = token(body.session)
    strategy = token(body.strategy)
    symbol = token(body.symbol)
    return f"verdicts.{session}.{strategy}.{symbol}"


def key_verdicts(body: Verdict) -> tuple[object, ...]:
    """Return the place of a `Verdict` inside a round."""
    return (41, body.session, body.strategy, body.symbol, body.signal_event_at_ns, body.signal_key)


def subject_alerts(body: Alert) -> str:
    """Return `alerts.<session>`."""
    session = token(body.session)
    return f"alerts.{session}"


def key_alerts(body: Alert) -> tuple[object, ...]:
    """Return the place of a `Alert` inside a round."""
    return (50, body.session, body.event_at_ns, body.alert_id)


def subject_heads(body: ChannelHeads) -> str:
    """Return `heads.<service>`."""
    service = service_of(body.shard)
    return f"heads.{service}"


def subject_heartbeats(body: Heartbeat) -> str:
    """Return `heartbeats.<session>`."""
    session = token(body.session)
    return f"heartbeats.{session}"


def subject_kill(_body: KillNotice) -> str:
    """Return `kill.notice`."""
    return "kill.notice"


def subject_resend(body: Resend) -> str:
    """Return `resend.<service>`."""
    service = service_of(body.channel)
    return f"resend.{service}"


def subject_round_done(body: RoundDone) -> str:
    """Return `rounds.<session>.done`."""
    session = token(body.session)
    return f"rounds.{session}.done"


def subject_round_open(body: RoundOpen) -> str:
    """Return `rounds.<session>.open`."""
    session = token(body.session)
    return f"rounds.{session}.open"


def subject_telemetry(_body: KeepTrace) -> str:
    """Return `telemetry.keep`."""
    return "telemetry.keep"


FUNCTIONS: tuple[SubjectFunctions, ...] = (
    SubjectFunctions(GateEvent, subject_gate, key_gate),
    SubjectFunctions(GateLatch, subject_latches, key_latches),
    SubjectFunctions(BreakerEvent, subject_breakers, key_breakers),
    SubjectFunctions(LimitsChanged, subject_limits, key_limits),
    SubjectFunctions(Instrument, subject_instruments, key_instruments),
    SubjectFunctions(Bar, subject_bars, key_bars),
    SubjectFunctions(Quote, subject_quotes, key_quotes),
    SubjectFunctions(Trade, subject_trades, key_trades),
    SubjectFunctions(FeedStatus, subject_feeds, key_feeds),
    SubjectFunctions(VenueEntry, subject_venue_entries, key_venue_entries),
    SubjectFunctions(AccountEntry, subject_entries, key_entries),
    SubjectFunctions(VenueReport, subject_venue, key_venue),
    SubjectFunctions(Fill, subject_fills, key_fills),
    SubjectFunctions(OrderEvent, subject_orders, key_orders),
    SubjectFunctions(Position, subject_positions, key_positions),
    SubjectFunctions(AccountSnapshot, subject_account, key_account),
    SubjectFunctions(Performance, subject_performance, key_performance),
    SubjectFunctions(LedgerEntry, subject_ledger, key_ledger),
    SubjectFunctions(Reconciliation, subject_reconciliations, key_reconciliations),
    SubjectFunctions(Signal, subject_signals, key_signals),
    SubjectFunctions(Verdict, subject_verdicts, key_verdicts),
    SubjectFunctions(Alert, subject_alerts, key_alerts),
    SubjectFunctions(ChannelHeads, subject_heads, None),
    SubjectFunctions(Heartbeat, subject_heartbeats, None),
    SubjectFunctions(KillNotice, subject_kill, None),
    SubjectFunctions(Resend, subject_resend, None),
    SubjectFunctions(RoundDone, subject_round_done, None),
    SubjectFunctions(RoundOpen, subject_round_open, None),
    SubjectFunctions(KeepTrace, subject_telemetry, None),
)
