"""Subjects: every message on the bus has one, and inside a round everything has its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tidegate_contracts import codec
from tidegate_contracts.errors import SubjectError
from tidegate_contracts.execution import Fill, OrderEvent, OrderSpecification, OrderState
from tidegate_contracts.host import ChannelHeads, Resend, RoundOpen
from tidegate_contracts.market import Bar, Instrument
from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry
from tidegate_contracts.risk import GateEvent, RaiseGate, Verdict
from tidegate_contracts.subjects import (
    SERVICES,
    STREAMS,
    SUBJECTS,
    content_key,
    durable_name,
    family_of,
    filter_of,
    heard_by,
    matches,
    stream_of,
    streams_of,
    subject_of,
)
from tidegate_contracts.testing import bodies
from tidegate_kernel.time import NS_PER_DAY

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body

DAY_BAR = Bar(feed="replay-demo", venue="XNAS", symbol="AAPL", timeframe_ns=NS_PER_DAY)
RANKED = sorted(schema for schema, d in SUBJECTS.items() if d.rank is not None)


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        (DAY_BAR, "bars.replay-demo.1d.XNAS.AAPL"),
        (
            Instrument(feed="x", venue="binance", symbol="BTC/USDT"),
            "instruments.x.binance.BTC=2FUSDT",
        ),
        (
            OrderEvent(
                session="demo", strategy="ema", specification=OrderSpecification(symbol="BRK.B")
            ),
            "orders.demo.ema.BRK=2EB",
        ),
        (AccountSnapshot(session="demo"), "portfolio.demo.account"),
        (LedgerEntry(session="demo"), "portfolio.demo.ledger"),
        (GateEvent(scope="all"), "gate.events"),
        (RoundOpen(session="demo"), "rounds.demo.open"),
        (ChannelHeads(shard="market-data/replay-demo"), "heads.market-data"),
        (ChannelHeads(shard="venue/demo"), "heads.execution"),
        (Resend(channel="risk/gate"), "resend.risk"),
    ],
)
def test_subjects_are_written_from_the_message(body: Body, subject: str) -> None:
    """Names as they are, symbols and venues as one token each."""
    assert subject_of(body) == subject
    assert SUBJECTS[codec.schema_of(body)] == family_of(subject)


@settings(max_examples=300)
@given(st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12))
def test_no_symbol_breaks_out_of_its_token(venue: str, symbol: str) -> None:
    """Dots, wildcards and spaces in a symbol never make another subject."""
    body = Instrument(feed="x", venue=venue, symbol=symbol)
    subject = subject_of(body)
    assert family_of(subject).name == "instruments"
    assert len(subject.split(".")) == 4
    assert not set(subject) & set("*> \t\n")


@pytest.mark.parametrize("body", [Bar(feed="x", venue="x", timeframe_ns=NS_PER_DAY), Fill()])
def test_messages_without_names_have_no_subject(body: Body) -> None:
    """An empty name is an error, not an empty token."""
    with pytest.raises(SubjectError, match="expected a name, venue or symbol"):
        subject_of(body)


@pytest.mark.parametrize("timeframe_ns", [0, -NS_PER_DAY, 1, 1_500_000])
def test_bars_without_a_readable_timeframe_have_no_subject(timeframe_ns: int) -> None:
    """A timeframe is written as 250ms, 5m or 1d."""
    bar = Bar(feed="x", venue="x", symbol="x", timeframe_ns=timeframe_ns)
    with pytest.raises(SubjectError, match="whole milliseconds above 0"):
        subject_of(bar)


def test_messages_that_do_not_travel_have_no_subject() -> None:
    """Commands reach a machine through its service, not through the bus."""
    with pytest.raises(SubjectError, match="RaiseGate: expected a message that proto/subjects"):
        subject_of(RaiseGate())
    with pytest.raises(SubjectError, match="RaiseGate"):
        content_key(RaiseGate())


@pytest.mark.parametrize("schema", RANKED)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_messages_of_a_family_can_be_ordered(schema: str, data: st.DataObject) -> None:
    """Keys start with the family's rank and compare with each other."""
    bodies_ = data.draw(st.lists(bodies(codec.type_of(schema)), min_size=2, max_size=4))
    keys = [content_key(body) for body in bodies_]
    assert {key[0] for key in keys} == {SUBJECTS[schema].rank}
    backwards = list(reversed(keys))
    assert sorted(keys) == sorted(backwards)


def test_longer_bars_come_first_then_venue_and_symbol() -> None:
    """The rule of round 0."""
    minute = NS_PER_DAY // 1440
    bars = [
        Bar(timeframe_ns=NS_PER_DAY, venue="A", symbol="X"),
        Bar(timeframe_ns=NS_PER_DAY, venue="A", symbol="Y"),
        Bar(timeframe_ns=NS_PER_DAY, venue="B", symbol="A"),
        Bar(timeframe_ns=minute, venue="A", symbol="A"),
    ]
    backwards = list(reversed(bars))
    assert sorted(backwards, key=content_key) == bars


def test_instruments_come_before_bars_and_fills_before_what_counts_them() -> None:
    """Causes come before their effects where one round holds both."""
    order = OrderEvent(specification=OrderSpecification())
    expected = [GateEvent(), Instrument(), Bar(), Fill(), order, AccountSnapshot(), Verdict()]
    backwards = list(reversed(expected))
    assert sorted(backwards, key=content_key) == expected


def test_changes_of_one_order_keep_the_order_of_their_channel() -> None:
    """Their keys are equal, so a stable sort leaves them as they were published."""
    first, second = (
        OrderEvent(specification=OrderSpecification(), state=state)
        for state in (OrderState.UNKNOWN, OrderState.WORKING)
    )
    assert content_key(first) == content_key(second)


@pytest.mark.parametrize(
    ("pattern", "subject", "expected"),
    [
        ("fills.demo.>", "fills.demo.ema.AAPL", True),
        ("fills.demo.>", "fills.demo", False),
        ("fills.*.ema.AAPL", "fills.demo.ema.AAPL", True),
        ("fills.*.ema", "fills.demo.ema.AAPL", False),
        ("fills.demo.ema.AAPL.x", "fills.demo.ema.AAPL", False),
        ("fills.>", "fills.demo.>", True),
        ("fills.*.*.*", "fills.demo.>", False),
        ("fills.demo.>", "fills.other.ema.AAPL", False),
    ],
)
def test_filters_match_as_nats_does(pattern: str, subject: str, *, expected: bool) -> None:
    """A star is one token, the arrow is one or more, and a filter may be inside another."""
    assert matches(pattern, subject) is expected


def test_filters_name_a_session_or_everything() -> None:
    """Names that are not given match everything."""
    assert filter_of(Fill, session="demo") == "fills.demo.>"
    assert filter_of(Fill, symbol="BTC/USDT") == "fills.*.*.BTC=2FUSDT"
    assert filter_of(AccountSnapshot) == "portfolio.*.account"
    assert filter_of(GateEvent) == "gate.events"
    with pytest.raises(SubjectError, match="found feed"):
        filter_of(Fill, feed="x")


def test_filters_are_grouped_by_stream() -> None:
    """What a shard reads, as its durables; core NATS has none."""
    reads = ("fills.demo.>", "orders.demo.>", "gate.events", "heartbeats.demo")
    expected = {"GATE": ("gate.events",), "ORDERS": ("fills.demo.>", "orders.demo.>")}
    assert streams_of(reads) == expected
    assert stream_of("kill.notice") is None
    with pytest.raises(SubjectError, match="declares"):
        stream_of("strange.>")
    with pytest.raises(SubjectError, match="declares"):
        family_of("fills.demo")


def test_durables_are_named_after_service_and_shard() -> None:
    """The paper venue's shard is hosted by execution."""
    assert durable_name("signals/demo/0") == "signals-signals_demo_0"
    assert durable_name("venue/demo") == "execution-venue_demo"
    with pytest.raises(SubjectError, match="risk/demo"):
        durable_name("risk")


def test_every_family_fits_its_stream() -> None:
    """A stream takes exactly the families that name it, from one writer."""
    for definition in SUBJECTS.values():
        takes = [
            stream.name
            for stream in STREAMS.values()
            if any(matches(subject, definition.wildcard) for subject in stream.subjects)
        ]
        assert takes == ([definition.stream] if definition.stream else [])
        if definition.stream:
            assert definition.writers == (STREAMS[definition.stream].writer,)
            assert definition.retention_s == STREAMS[definition.stream].retention_s


def test_channels_are_read_whole() -> None:
    """Whoever reads one family of a channel hears all of it, and nothing of other channels."""
    heard = {definition.name for definition in heard_by("portfolio") if definition.stream}
    assert heard == {
        *("instruments", "bars", "quotes", "trades", "feeds"),
        *("orders", "fills", "entries", "latches", "reconciliations"),
    }


def test_streams_refuse_when_full() -> None:
    """The settings that the design promises."""
    for stream in STREAMS.values():
        assert (stream.discard, stream.storage, stream.replicas) == ("new", "file", 1)
        assert stream.retention_s == (7 if stream.name == "MARKET" else 30) * 86_400
        assert stream.writer in SERVICES
        assert stream.bytes_max >= 2**26


def test_what_must_be_signed_is_signed() -> None:
    """Verdicts, limits, gate events, breakers and heartbeats."""
    signed = {d.name for d in SUBJECTS.values() if d.signed}
    assert signed == {"verdicts", "limits", "gate", "breakers", "heartbeats"}
