"""The decision machine: one verdict for each signal, carried by everything it was decided on."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.execution import OrderState
from tidegate_contracts.market import Trade
from tidegate_contracts.risk import Decision, Verdict
from tidegate_contracts.signals import Direction, Signal
from tidegate_kernel.machine import CauseMissing, Publish, TermStarted
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.decision.state import SIGNALS_REMEMBERED
from tidegate_risk.core.question import key_of
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import (
    ACCOUNT,
    SESSION,
    START_NS,
    Desk,
    bar,
    code,
    instrument,
    parameters,
    signal,
)


def test_a_bar_that_changes_nothing_has_no_effect() -> None:
    """Most inputs cause nothing."""
    assert Desk().tell(bar(end_ns=START_NS + 1)) == ()


def test_a_repeated_signal_gets_no_second_verdict() -> None:
    """The logical key decides, not the object."""
    desk = Desk()
    assert len(desk.tell(signal())) == 1
    assert desk.tell(signal(strength=0.5)) == ()


def test_another_ordinal_is_another_signal() -> None:
    """Two signals of one instant get two verdicts."""
    desk = Desk()
    desk.tell(signal(ordinal=0))
    assert len(desk.tell(signal(ordinal=1))) == 1


def test_the_memory_of_signals_is_bounded() -> None:
    """Ten thousand keys are kept, the oldest go first."""
    desk = Desk(parameters(rate_orders_max=0))
    for ordinal in range(SIGNALS_REMEMBERED + 1):
        desk.tell(signal(ordinal=ordinal))
    assert len(desk.machine.state.decided) == SIGNALS_REMEMBERED


def test_a_signal_whose_causes_are_missing_is_refused() -> None:
    """With the channel named, and only once even if the signal comes again."""
    desk = Desk()
    verdict = desk.verdict(CauseMissing(signal(), (("market-data/replay-demo", 7),)))
    assert code(verdict) == Code.CAUSE_MISSING
    assert verdict.refusal is not None
    assert "market-data/replay-demo" in verdict.refusal.message
    assert desk.tell(signal()) == ()


def test_other_messages_never_wait_for_their_causes() -> None:
    """A bar whose causes are missing is taken as it is."""
    desk = Desk()
    desk.tell(CauseMissing(bar(close=9_000, end_ns=START_NS + 1), (("x", 1),)))
    assert desk.machine.state.book.market.price_of("XNAS|AAPL") == 90


def test_a_verdict_names_its_term_and_its_account() -> None:
    """The term is the one that the host has started."""
    desk = Desk()
    desk.tell(TermStarted(4))
    verdict = desk.ask()
    assert (verdict.term, verdict.session, verdict.account) == (4, SESSION, ACCOUNT)


def test_a_lockstep_verdict_does_not_expire() -> None:
    """The wall's time must not decide there."""
    assert Desk().ask().expires_at_ns == 0


def test_an_approval_under_the_wall_clock_expires() -> None:
    """Two seconds after the decision; a refusal has nothing to expire."""
    desk = Desk(parameters(lockstep=False))
    verdict = desk.ask()
    assert verdict.expires_at_ns == START_NS + 2 * NS_PER_SECOND
    assert desk.ask(symbol="MSFT").expires_at_ns == 0


def test_a_verdict_carries_what_it_was_decided_on() -> None:
    """Equity, size offers, exposures and limits, each once."""
    names = [each.name for each in Desk().ask(stop_distance=Decimal(25)).numbers]
    wanted = {"equity", "free_cash", "price", "quantity", "quantity_by_fraction"}
    wanted |= {"quantity_by_stop", "symbol_exposure", "gross_exposure", "limit_symbol_exposure"}
    assert wanted <= set(names)
    assert len(names) == len(set(names))


def test_a_refusal_has_no_order_and_an_approval_no_reason() -> None:
    """Exactly one of the two is there."""
    desk = Desk()
    approved, refused = desk.ask(), desk.ask(symbol="MSFT")
    assert (approved.specification is None, approved.refusal is None) == (False, True)
    assert (refused.specification is None, refused.refusal is None) == (True, False)


def test_an_event_of_an_unknown_kind_crashes() -> None:
    """Nobody has subscribed to trades here: a programmer's error."""
    with pytest.raises(KeyError):
        Desk().tell(Trade(symbol="AAPL"))


events = st.lists(
    st.one_of(
        st.tuples(
            st.just("ask"),
            st.sampled_from(["A", "B", "unknown"]),
            st.sampled_from([Direction.LONG, Direction.FLAT, Direction.SHORT]),
            st.sampled_from([1.0, 0.0, float("nan")]),
        ),
        st.tuples(st.just("repeat"), st.integers(0, 30)),
        st.tuples(st.just("time"), st.integers(0, 10**15)),
        st.tuples(st.just("bar"), st.sampled_from(["A", "B"]), st.integers(0, 20_000)),
        st.tuples(st.just("fill"), st.integers(0, 30), st.integers(1, 200)),
        st.tuples(st.just("report"), st.integers(0, 30), st.sampled_from(list(OrderState)[1:])),
    ),
    max_size=40,
)


@given(events, st.booleans())
def test_every_signal_gets_exactly_one_verdict(
    history: list[tuple[object, ...]],
    described: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    """Whatever arrives in between, each signal is answered once, and a missing input refuses."""
    desk = Desk(parameters(short_allowed=True, price_age_max_bars=1), [])
    if described:
        desk.tell(instrument("A"))
    run = History(desk)
    for step in history:
        run.take(step)
    assert sorted(run.answers) == sorted(set(run.asked))
    if not described:
        assert not run.approved


@given(events, st.integers(0, 40))
def test_a_restored_machine_decides_the_same(history: list[tuple[object, ...]], split: int) -> None:
    """A snapshot at any point loses nothing: later verdicts and the final state are equal."""
    straight, broken = History(Desk(symbols=["A", "B"])), History(Desk(symbols=["A", "B"]))
    for at, step in enumerate(history):
        if at == split:
            machine = broken.desk.machine
            broken.desk.machine = DecisionMachine.restore(machine.parameters, machine.snapshot())
        straight.take(step)
        broken.take(step)
    assert straight.answers == broken.answers
    assert straight.desk.machine.snapshot() == broken.desk.machine.snapshot()


class History:
    """Plays drawn steps on a desk and notes what was asked and answered."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.asked: list[str] = []
        self.answers: list[str] = []
        self.sent: list[Signal] = []
        self.approved: list[Verdict] = []

    def take(self, step: tuple[object, ...]) -> None:
        """Do one step."""
        match step:
            case ("ask", str(symbol), Direction() as direction, float(strength)):
                self._ask(symbol, direction, strength)
            case ("repeat", int(index)) if index < len(self.sent):
                self._send(self.sent[index])
            case ("time", int(later_ns)):
                self.desk.now_ns += later_ns
            case ("bar", str(symbol), int(close)):
                self.desk.tell(bar(symbol, close, self.desk.now_ns))
            case ("fill", int(index), int(quantity)) if index < len(self.approved):
                self.desk.fill(self.approved[index], quantity)
            case ("report", int(index), OrderState() as state) if index < len(self.approved):
                self.desk.report(self.approved[index], state)

    def _ask(self, symbol: str, direction: Direction, strength: float) -> None:
        self.sent.append(
            signal(
                direction,
                symbol,
                strength=strength,
                event_at_ns=self.desk.now_ns,
                ordinal=len(self.sent),
            )
        )
        self._send(self.sent[-1])

    def _send(self, sent: Signal) -> None:
        self.asked.append(key_of(sent))
        for effect in self.desk.tell(sent):
            assert isinstance(effect, Publish)
            assert isinstance(effect.body, Verdict)
            self.answers.append(effect.body.signal_key)
            if effect.body.decision == Decision.APPROVED:
                self.approved.append(effect.body)


def test_a_restored_machine_remembers_in_the_same_order() -> None:
    """What is oldest is forgotten first, and refusals list in order: a restart changes neither."""
    desk = Desk()
    for key in ("b", "c", "a"):
        desk.machine.state.remember(key)
        desk.machine.state.book.holdings.positions[key] = Decimal(1)
    restored = DecisionMachine.restore(desk.machine.parameters, desk.machine.snapshot()).state
    assert list(restored.decided) == ["b", "c", "a"]
    assert restored.book.exposed_listings() == ["b", "c", "a"]


def test_a_restored_machine_knows_its_stops() -> None:
    """An entry with a stop is remembered across a restart, stop and all."""
    desk = Desk()
    desk.ask(stop_distance=Decimal(2))
    state = desk.machine.state
    assert list(state.portfolio.stops.values()) == [Decimal(98)]
    restored = DecisionMachine.restore(desk.machine.parameters, desk.machine.snapshot()).state
    assert restored.portfolio.stops == state.portfolio.stops
