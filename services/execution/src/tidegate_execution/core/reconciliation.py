"""Reconciliation: compare what the venue holds with what we know, at start and ever again.

1. The venue is asked for its open orders and holdings at start, every 30 s, after a kill and on
   command. What changed here after the question was asked is left for the next comparison.
2. An open order that is not ours halts the account. One of ours that has already ended here is
   cancelled at once and asked about, so that its executions are booked. One that cannot be read
   (`UNKNOWN` in the list) is in doubt alone: ours becomes unknown and is asked about, everything
   else in the list goes on being compared.
3. An open order of ours that the venue does not list is asked about.
4. What the venue has booked by itself is booked here first (`entries.listed`), and an answer with
   something new in it is not compared: the venue is asked again.
5. Holdings must equal what was there at the start plus the sum of our fills and of entries. The
   first difference asks about every open order of the symbol and the newest ended ones (an order
   that was given up may have arrived late); the second in a row means: not reconciled.
6. Cash is compared where fills move it, and halts nothing: fees and interest are often told later.
   A person may book either difference away once a comparison shows it for certain (`entries`).

In lockstep it runs only after orders have changed, and never withholds one (see `readiness`).
Others hear how the account stands from `standing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderSpecification, OrderState, QueryAccount
from tidegate_execution.core.entries import adjusting
from tidegate_execution.core.entries.listed import settle_unread, since_ns, take_listed
from tidegate_execution.core.exits.attached import known_order
from tidegate_execution.core.gatekeeping import halt
from tidegate_execution.core.orders.changes import change
from tidegate_execution.core.orders.legs import traded_symbols
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.orders.order import Occasion
from tidegate_execution.core.reasons import Code
from tidegate_execution.core.venue_requests import cancel_by_id, query
from tidegate_kernel.money import ZERO, plain

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import VenueAccount
    from tidegate_execution.core.turn import Turn

RECONCILE_TIMER = "reconcile"
ENDED_ASKED_ABOUT = 50
_LISTED = (OrderState.WORKING, OrderState.PARTIALLY_FILLED)
_TAKEN_IN = "what the venue has booked by itself is taken in, and the account compared again"
_UNREADABLE = "the venue lists it as open, and what it says of it cannot be read"


def ask(turn: Turn) -> None:
    """Ask the venue for its account; a question already under way is followed by another."""
    reconciliation = turn.state.reconciliation
    reconciliation.started = True
    if reconciliation.asking:
        reconciliation.again = True
        return
    reconciliation.asking = True
    reconciliation.again = False
    reconciliation.asked_n = turn.state.changes
    reconciliation.asked_at_ns = turn.now_ns
    question = QueryAccount(session=turn.parameters.session, entries_since_ns=since_ns(turn))
    turn.ask_venue(question)


def ask_at_start(turn: Turn) -> None:
    """Ask once at genesis, with the first instrument at the latest."""
    if not turn.state.reconciliation.started:
        ask(turn)


def begin_term(turn: Turn, term: int) -> None:
    """A new leader trusts nothing before it has asked; in lockstep a restart changes nothing."""
    turn.state.reconciliation.term = term
    turn.state.reconciliation.compared = False
    if turn.parameters.lockstep:
        return
    turn.state.reconciliation.reconciled = False
    turn.state.reconciliation.problem = "a new leader has not compared the account yet"
    ask(turn)


def ask_for(turn: Turn, call_id: str) -> None:
    """Ask on command; the call is answered with the venue's account."""
    turn.state.reconciliation.calls.append(call_id)
    ask(turn)


def adjust(turn: Turn, call_id: str, command: adjusting.Command) -> None:
    """Take what a person wants booked away; answered after a comparison of now."""
    if adjusting.take_command(turn, call_id, command):
        ask(turn)


def take_timer(turn: Turn) -> None:
    """It is time to compare again."""
    turn.state.reconciliation.timer_set = False
    ask(turn)


def keep_going(turn: Turn) -> None:
    """Set the timer of the next comparison; in lockstep only when orders have changed."""
    reconciliation = turn.state.reconciliation
    if reconciliation.timer_set or reconciliation.asking or not reconciliation.started:
        return
    if turn.parameters.lockstep and turn.state.changes == reconciliation.asked_n:
        return
    reconciliation.timer_set = True
    turn.wake_after(RECONCILE_TIMER, turn.parameters.reconcile_every_ns)


def take_failure(turn: Turn, reason: str) -> None:
    """The venue did not answer: not reconciled, ask again soon."""
    reconciliation = turn.state.reconciliation
    reconciliation.asking = False
    reconciliation.compared = True
    reconciliation.reconciled = False
    reconciliation.problem = f"the venue did not answer for its account: {reason}"
    adjusting.take_failure(turn, reconciliation.problem)
    reconciliation.timer_set = True
    turn.wake_after(RECONCILE_TIMER, turn.parameters.retry_after_ns)


def take_account(turn: Turn, account: VenueAccount) -> None:
    """Compare the venue's account with ours."""
    reconciliation = turn.state.reconciliation
    reconciliation.asking = False
    reconciliation.compared = True
    _compare_listed(turn, account)
    _ask_about_unlisted(turn, account)
    reconciliation.differences, reconciliation.currency = None, account.currency
    if take_listed(turn, account):
        reconciliation.again = True
        problem = "" if reconciliation.reconciled else _TAKEN_IN
    else:
        problem = _compare_holdings(turn, account)
        _compare_cash(turn, account)
        problem = settle_unread(turn, problem)
    reconciliation.reconciled = problem == ""
    reconciliation.problem = problem
    for call_id in reconciliation.calls:
        turn.answer(call_id, account)
    reconciliation.calls = []
    if reconciliation.again or adjusting.take_compared(turn):
        ask(turn)


def _compare_listed(turn: Turn, account: VenueAccount) -> None:
    asked_n = turn.state.reconciliation.asked_n
    for listed in account.open_orders:
        order = known_order(turn, listed.client_order_id)
        if order is None:
            foreign = listed.specification or OrderSpecification()
            found = f"{listed.client_order_id}, {plain(foreign.quantity)} {foreign.symbol}"
            if listed.state == OrderState.UNKNOWN:
                found = f"{listed.client_order_id}, of which nothing else can be read"
            message = f"expected only our orders at the venue, found {found}"
            halt(turn, Code.FOREIGN_ORDER, listed.client_order_id, message)
        elif order.ended and order.changed_n <= asked_n:
            specification = order.specification
            cancel_by_id(turn, order.client_order_id, specification.venue, specification.symbol)
            query(turn, order)
        elif listed.state == OrderState.UNKNOWN and order.state in _LISTED:
            occasion = Occasion(turn.now_ns, Code.OUTCOME_UNKNOWN, _UNREADABLE)
            change(turn, order, OrderInput.UNREADABLE, occasion)
            query(turn, order)


def _ask_about_unlisted(turn: Turn, account: VenueAccount) -> None:
    asked_n = turn.state.reconciliation.asked_n
    listed = {each.client_order_id for each in account.open_orders}
    for order in list(turn.state.orders.values()):
        unlisted = order.client_order_id not in listed and order.state in _LISTED
        kept_here = order.held or order.is_parent
        if unlisted and not kept_here and order.changed_n <= asked_n:
            query(turn, order)


def _compare_holdings(turn: Turn, account: VenueAccount) -> str:
    reconciliation = turn.state.reconciliation
    held = {each.symbol: each.quantity for each in account.holdings}
    if reconciliation.opening is None:
        reconciliation.opening = {
            symbol: quantity - turn.state.net_holding(symbol) for symbol, quantity in held.items()
        }
    if turn.state.changes != reconciliation.asked_n:
        reconciliation.again = reconciliation.again or not reconciliation.reconciled
        return "" if reconciliation.reconciled else "orders changed while the venue was asked"
    found = _differences(turn, held, reconciliation.opening)
    differing = {
        symbol: f"{symbol}: expected {plain(expected)}, found {plain(there)}"
        for symbol, (expected, there) in found.items()
    }
    reconciliation.differed = reconciliation.differed + 1 if differing else 0
    if not differing:
        reconciliation.differences = {}
        return ""
    asked = _ask_about_symbols(turn, set(differing))
    if reconciliation.differed == 1 and asked:
        reconciliation.again = True
        return "" if reconciliation.reconciled else "holdings are being compared again"
    reconciliation.differences = found
    return f"{Code.HOLDINGS_DIFFER}: {'; '.join(differing.values())}"


def _ask_about_symbols(turn: Turn, symbols: set[str]) -> bool:
    """Ask about the orders that could explain a difference; tell whether there are any."""
    opened = [order for order in turn.state.orders.values() if order.state in _LISTED]
    newest_ended = list(turn.state.closed.values())[-ENDED_ASKED_ABOUT:]
    asked = [
        order
        for order in opened + newest_ended
        if order.sends and not symbols.isdisjoint(traded_symbols(order.specification))
    ]
    for order in asked:
        query(turn, order)
    return bool(asked)


def _compare_cash(turn: Turn, account: VenueAccount) -> None:
    """Work out by how much the venue's cash differs; a margin account's moves by other rules."""
    reconciliation = turn.state.reconciliation
    reconciliation.cash_difference = None
    if not turn.parameters.spot:
        return
    if reconciliation.opening_cash is None:
        reconciliation.opening_cash = account.cash - reconciliation.cash_flow
    if turn.state.changes == reconciliation.asked_n:
        expected = reconciliation.opening_cash + reconciliation.cash_flow
        reconciliation.cash_difference = account.cash - expected


def _differences(
    turn: Turn, held: dict[str, Decimal], opening: dict[str, Decimal]
) -> dict[str, tuple[Decimal, Decimal]]:
    """Return the symbols whose holding is not what it should be: what was expected and found."""
    symbols = {*held, *opening}
    symbols.update(symbol for each in turn.state.holdings.values() for symbol in each)
    differing: dict[str, tuple[Decimal, Decimal]] = {}
    for symbol in sorted(symbols):
        expected = opening.get(symbol, ZERO) + turn.state.net_holding(symbol)
        found = held.get(symbol, ZERO)
        if found != expected:
            differing[symbol] = (expected, found)
    return differing
