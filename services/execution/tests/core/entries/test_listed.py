"""What a venue lists of its own bookings: each booked once, before the account is compared."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import (
    AccountEntry,
    AccountEntryAnswer,
    AccountEntryKind as Kind,
    AdjustAccount,
    ApproveAdjustment,
    QueryAccount,
    VenueAccount,
    VenueEntry,
    VenueHolding,
)
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.testing import DAY_0_NS, SESSION, VENUE, execution_parameters, instrument
from tidegate_kernel.machine import Answer, Called, Effect, Publish, Replied, Request, TermStarted
from tidegate_kernel.money import use_money_context
from tidegate_kernel.time import NS_PER_SECOND

QUESTION = QueryAccount(session=SESSION)


class Venue:
    """A session at a real venue, answered by hand: what is held, and what is listed."""

    def __init__(self, *, spot: bool = True) -> None:
        parameters = execution_parameters(lockstep=False, venue="alpaca", spot=spot)
        self.machine = ExecutionMachine.restore(parameters, None)
        self.now_ns = DAY_0_NS
        self.listed: list[VenueEntry] = []
        self.cash = self.shares = Decimal(0)
        self.told: list[AccountEntry] = []
        self.asked: list[QueryAccount] = []
        self.terms = 0

    def answer(self, seen: tuple[Decimal, Decimal] | None = None) -> list[Effect]:
        """Answer the question under way; ``seen`` is what was held when it was read."""
        cash, shares = seen or (self.cash, self.shares)
        holdings = (VenueHolding(symbol="AAPL", quantity=shares),) if shares else ()
        account = VenueAccount(
            session=SESSION,
            holdings=holdings,
            currency="USD",
            cash=cash,
            entries=tuple(self.listed),
        )
        return self.handle(Replied("venue", QUESTION, account))

    def compare(self) -> bool:
        """Ask and answer until nothing more is asked; tell whether the account is reconciled."""
        self.handle(Called(f"call-{self.now_ns}", QUESTION))
        for _ in range(5):
            if not any(isinstance(each, Request) for each in self.answer()):
                return self.machine._state.reconciliation.reconciled
        raise AssertionError("expected the questions to end")

    def restart(self) -> bool:
        """Lead a new term from the snapshot, and compare."""
        self.terms += 1
        machine = ExecutionMachine.restore(self.machine.parameters, self.machine.snapshot())
        self.machine = machine
        self.handle(TermStarted(self.terms))
        return self.compare()

    def handle(self, event: object) -> list[Effect]:
        """Hand the machine an event, a second later."""
        self.now_ns += NS_PER_SECOND
        effects = list(self.machine.handle(event, self.now_ns))  # type: ignore[arg-type]
        bodies = [each.body for each in effects if isinstance(each, Publish | Request)]
        self.told += [each for each in bodies if isinstance(each, AccountEntry)]
        self.asked += [each for each in bodies if isinstance(each, QueryAccount)]
        return effects

    @property
    def problem(self) -> str:
        """Why the account is not reconciled."""
        return self.machine._state.reconciliation.problem


def cash(name: str, amount: int) -> VenueEntry:
    """Return interest, a listed booking of cash."""
    return VenueEntry(
        session=SESSION,
        entry_id=name,
        kind=Kind.INTEREST,
        venue=VENUE,
        currency="USD",
        cash=Decimal(amount),
        event_at_ns=1,
    )


def unread(name: str) -> VenueEntry:
    """Return a listed booking that cannot be read."""
    return VenueEntry(session=SESSION, entry_id=name, reason="expected a kind that is known")


def begun(history: Sequence[VenueEntry] = (), *, spot: bool = True) -> Venue:
    """Return a session that has compared its account once."""
    venue = Venue(spot=spot)
    venue.cash = Decimal(100)
    venue.listed += history
    venue.machine.handle(instrument(), DAY_0_NS)
    venue.machine.handle(TermStarted(1), DAY_0_NS)
    assert venue.compare()
    return venue


def test_history_is_only_noted() -> None:
    """What was booked before the session is in what lay there."""
    venue = begun([cash("old", 7)])
    assert venue.compare()
    assert venue.told == []
    assert venue.machine._state.reconciliation.cash_difference == 0


def test_it_is_asked_for_since_the_last_answer() -> None:
    """The first question is for what is new from then on; a paper venue is asked for none."""
    venue = begun()
    known = venue.machine._state.reconciliation
    assert 0 < venue.asked[-1].entries_since_ns <= known.entries_until_ns <= venue.now_ns
    paper = ExecutionMachine.restore(execution_parameters(), None)
    (effect,) = paper.handle(instrument(), DAY_0_NS)
    assert isinstance(effect, Request)
    assert effect.body == QUESTION


def test_what_is_new_is_booked_and_compared_with_the_next_answer() -> None:
    """What was held may have been read before it was booked; the account stays open meanwhile."""
    venue = begun()
    before = (venue.cash, venue.shares)
    venue.cash += 3
    venue.listed.append(cash("new", 3))
    venue.machine.handle(Called("again", QUESTION), venue.now_ns)
    effects = venue.answer(before)
    assert any(isinstance(each, Request) for each in effects)
    assert [each.cash for each in venue.told] == [Decimal(3)]
    assert venue.problem == ""
    venue.answer()
    assert venue.machine._state.reconciliation.cash_difference == 0


def test_what_cannot_be_read_is_named_until_the_account_agrees() -> None:
    """Not reconciled while its cash is missing; once the account agrees it is settled for good."""
    venue = begun()
    venue.cash += 3
    venue.listed.append(unread("odd"))
    assert not venue.compare()
    assert venue.problem == "ENTRY_UNREAD: odd: expected a kind that is known"
    assert not venue.restart()
    venue.cash -= 3
    assert venue.compare()
    venue.cash += 3
    assert venue.compare()
    assert venue.told == []


def test_what_cannot_be_read_is_not_settled_by_holdings_from_before_it() -> None:
    """They agreed because they were read before it was booked; the next answer shows its cash."""
    venue = begun()
    before = (venue.cash, venue.shares)
    venue.cash += 3
    venue.listed.append(unread("odd"))
    venue.machine.handle(Called("again", QUESTION), venue.now_ns)
    effects = venue.answer(before)
    assert any(isinstance(each, Request) for each in effects)
    venue.answer()
    assert venue.problem == "ENTRY_UNREAD: odd: expected a kind that is known"


def adjusted(venue: Venue, **wanted: object) -> AccountEntryAnswer:
    """Have a person ask for an adjustment and another approve it, if it is filed."""
    command = AdjustAccount(
        session=SESSION,
        principal="ada",
        reason="read",
        **wanted,  # type: ignore[arg-type]
    )
    approval = ApproveAdjustment(session=SESSION, request_id="adjustment-1", principal="bob")
    filed = _answered(venue, Called("ask", command))
    return _answered(venue, Called("approve", approval)) if filed.accepted else filed


def _answered(venue: Venue, call: Called) -> AccountEntryAnswer:
    effects = venue.handle(call)
    effects += venue.answer() if any(isinstance(each, Request) for each in effects) else []
    (answer,) = [each.body for each in effects if isinstance(each, Answer)]
    assert isinstance(answer, AccountEntryAnswer)
    return answer


def test_people_deal_with_what_cannot_be_read() -> None:
    """Where cash is not compared nothing else proves that it is done: they name it and its cash."""
    venue = begun(spot=False)
    venue.listed.append(unread("odd"))
    assert not venue.compare()
    assert adjusted(venue, entry_id="even").code == "ENTRY_UNKNOWN"
    assert adjusted(venue, cash=Decimal(5)).code == "NO_DIFFERENCE"
    assert adjusted(venue, entry_id="odd", cash=Decimal(5)).accepted
    assert [each.cash for each in venue.told] == [Decimal(5)]
    assert venue.compare()
    assert venue.restart()


def test_an_unread_booking_that_moved_nothing_needs_no_amount() -> None:
    """Named alone it is dealt with, and nothing is booked."""
    venue = begun(spot=False)
    venue.listed.append(unread("odd"))
    assert not venue.compare()
    assert adjusted(venue, entry_id="odd").accepted
    assert venue.told == []
    assert venue.compare()


def test_what_contradicts_itself_is_named_too() -> None:
    """An entry of another session, say, is not booked."""
    venue = begun()
    venue.cash += 3
    venue.listed.append(VenueEntry(session="other", entry_id="odd", kind=Kind.FEE))
    assert not venue.compare()
    assert venue.problem.startswith("ENTRY_UNREAD: odd: expected of an entry one of session demo")


def test_what_could_not_be_read_is_booked_once_it_can_be() -> None:
    """Its other row has come, or a new version knows it."""
    venue = begun()
    venue.cash += 3
    venue.listed.append(unread("odd"))
    assert not venue.compare()
    venue.listed = [cash("odd", 3)]
    assert venue.compare()
    assert [each.cash for each in venue.told] == [Decimal(3)]


STEP = st.one_of(
    st.tuples(st.just("book"), st.integers(1, 9)),
    st.tuples(st.just("compare"), st.just(0)),
    st.tuples(st.just("late"), st.integers(1, 9)),
    st.tuples(st.just("restart"), st.just(0)),
)


@settings(max_examples=60, deadline=None)
@given(history=st.integers(0, 3), steps=st.lists(STEP, max_size=12))
def test_every_booking_counts_once(history: int, steps: list[tuple[str, int]]) -> None:
    """Whatever is repeated, restarted or told late: what is told adds up to what has moved."""
    use_money_context()
    venue = begun([cash(f"old-{number}", 5) for number in range(history)])
    late: list[VenueEntry] = []
    for number, (what, amount) in enumerate(steps):
        if what in ("book", "late"):
            venue.cash += amount
            (venue.listed if what == "book" else late).append(cash(f"new-{number}", amount))
        else:
            assert venue.restart() if what == "restart" else venue.compare()
    venue.listed += late
    assert venue.compare()
    assert sum((each.cash for each in venue.told), Decimal(0)) == venue.cash - 100
    assert len({each.entry_id for each in venue.told}) == len(venue.told)
