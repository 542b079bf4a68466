"""Books away what differs from the venue: exactly that, and only when two people want it.

1. A command waits for a comparison that begins after it, and is judged by what that shows. While
   that says nothing for certain (orders have changed, ended ones are being asked about) it goes on
   waiting. If the venue does not answer, nothing is booked.
2. It names the difference: the venue holds so much more of a symbol, or has so much more cash. What
   is not exactly so is refused; so is a symbol with open orders, whose fills may be on their way.
3. The first principal's command is filed, if it may be booked now. Another principal's approval,
   within ten minutes, is judged again in the same way, and then books it.
4. One that names what the venue has booked and could not be read here deals with it: booked or not,
   it is not asked about again. Where cash is not compared, its cash is what the two people say.
5. What it books is an account entry like any other, with both names and the reason. The account is
   compared again at once. What reduces a holding is shared by what is held, unless a strategy is
   named; all else is nobody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import (
    AccountEntry,
    AccountEntryAnswer,
    AccountEntryKind,
    AdjustAccount,
    ApproveAdjustment,
)
from tidegate_execution.core.entries.booking import note
from tidegate_execution.core.entries.sharing import (
    OPENING,
    cash_step,
    quantity_step,
    share,
    weights_of,
)
from tidegate_execution.core.orders.legs import traded_symbols
from tidegate_execution.core.reasons import Code, Refusal
from tidegate_execution.core.state import NOBODY, Asked
from tidegate_kernel.money import ZERO, plain
from tidegate_kernel.time import NS_PER_SECOND

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_execution.core.turn import Turn

Command = AdjustAccount | ApproveAdjustment
REQUEST_VALID_NS = 600 * NS_PER_SECOND
REQUESTS_MAX = 100
_JUDGED = ("session", "principal", "reason", "symbol", "quantity", "cash", "price")


def take_command(turn: Turn, call_id: str, command: Command) -> bool:
    """Take a command; tell whether it waits for a comparison now, or was refused at once."""
    adjustments = turn.state.adjustments
    for request_id, asked in list(adjustments.requests.items()):
        if command.asked_at_ns >= asked.expires_at_ns:
            del adjustments.requests[request_id]
    if isinstance(command, AdjustAccount):
        refusal = _malformed(turn, command)
        adjustments.asking[call_id] = command
    else:
        refusal = _unapproved(turn, command)
        adjustments.approving[call_id] = command
    if refusal is None:
        return True
    adjustments.asking.pop(call_id, None)
    adjustments.approving.pop(call_id, None)
    _refuse(turn, call_id, refusal)
    return False


def take_compared(turn: Turn) -> bool:
    """Judge what waits by the newest comparison; tell whether another one is needed."""
    adjustments, known = turn.state.adjustments, turn.state.reconciliation
    if not (adjustments.asking or adjustments.approving):
        return False
    if known.differences is None:
        return True
    asking, adjustments.asking = adjustments.asking, {}
    approving, adjustments.approving = adjustments.approving, {}
    for call_id, wanted in asking.items():
        refusal = _unfit(turn, wanted)
        if refusal is None:
            _file(turn, call_id, wanted)
        else:
            _refuse(turn, call_id, refusal)
    booked = [_approve(turn, call_id, command) for call_id, command in approving.items()]
    return any(booked)


def take_failure(turn: Turn, problem: str) -> None:
    """The venue did not answer: nothing that waits is booked."""
    adjustments = turn.state.adjustments
    waiting = [*adjustments.asking, *adjustments.approving]
    adjustments.asking, adjustments.approving = {}, {}
    for call_id in waiting:
        _refuse(turn, call_id, Refusal(Code.VENUE_SILENT, problem))


def _file(turn: Turn, call_id: str, command: AdjustAccount) -> None:
    adjustments = turn.state.adjustments
    adjustments.count += 1
    request_id = f"adjustment-{adjustments.count}"
    expires_at_ns = command.asked_at_ns + REQUEST_VALID_NS
    adjustments.requests[request_id] = Asked(command, expires_at_ns)
    if len(adjustments.requests) > REQUESTS_MAX:
        del adjustments.requests[next(iter(adjustments.requests))]
    answer = AccountEntryAnswer(
        accepted=True, request_id=request_id, request_expires_at_ns=expires_at_ns
    )
    turn.answer(call_id, answer)


def _approve(turn: Turn, call_id: str, command: ApproveAdjustment) -> bool:
    """Book a request that another principal approves, if it is still what differs."""
    refusal = _unapproved(turn, command)
    asked = turn.state.adjustments.requests.get(command.request_id)
    if refusal is None and asked is not None:
        refusal = _unfit(turn, asked.command)
    if refusal is not None or asked is None:
        assert refusal is not None, "what is not there was refused"
        _refuse(turn, call_id, refusal)
        return False
    del turn.state.adjustments.requests[command.request_id]
    _book(turn, command.request_id, asked.command, command.principal)
    turn.answer(call_id, AccountEntryAnswer(entry_id=command.request_id, accepted=True))
    return True


def _malformed(turn: Turn, command: AdjustAccount) -> Refusal | None:
    numbers = (command.quantity, command.cash, command.price or ZERO)
    needed = {
        f"session {turn.parameters.session}": command.session == turn.parameters.session,
        "a principal": command.principal != "",
        "a reason": command.reason != "",
        "finite numbers": all(each.is_finite() for each in numbers),
        "a price of at least 0": command.price is None or command.price >= 0,
        "a quantity with a symbol, or cash alone": (command.symbol != "")
        == (command.quantity != 0),
        "something to book": command.quantity != 0 or command.cash != 0 or command.entry_id != "",
    }
    missing = [sentence for sentence, given in needed.items() if not given]
    if missing:
        told = ", ".join(f"{name} {str(getattr(command, name)) or 'none'}" for name in _JUDGED)
        return Refusal(Code.COMMAND_INVALID, f"expected {', '.join(missing)}, found {told}")
    return None


def _unapproved(turn: Turn, command: ApproveAdjustment) -> Refusal | None:
    requests = turn.state.adjustments.requests
    asked = requests.get(command.request_id)
    if asked is None:
        waiting = ", ".join(requests) or "none"
        found = f"found {command.request_id or 'no id'}"
        return Refusal(Code.REQUEST_UNKNOWN, f"expected a request that waits ({waiting}), {found}")
    if command.principal in ("", asked.command.principal):
        found = f"found {command.principal or 'nobody'} again"
        return Refusal(Code.SAME_PRINCIPAL, f"expected the approval of somebody else, {found}")
    return None


def _unfit(turn: Turn, command: AdjustAccount) -> Refusal | None:
    """Say why what is wanted cannot be booked now: it must be exactly what differs."""
    known, symbol = turn.state.reconciliation, command.symbol
    unread = known.unread.get(command.entry_id)
    if command.entry_id and unread is None:
        waiting = ", ".join(known.unread) or "none"
        return Refusal(
            Code.ENTRY_UNKNOWN,
            f"expected an entry that could not be read ({waiting}), found {command.entry_id}",
        )
    expected, found = (known.differences or {}).get(symbol, (ZERO, ZERO))
    differs, cash = found - expected, known.cash_difference or ZERO
    if unread is not None and known.cash_difference is None:
        # Nothing compares it: what it moved is what they have read.
        cash = command.cash
    if differs == 0 and cash == 0 and unread is None:
        where = f"of {symbol} and in cash" if symbol else "in cash"
        return Refusal(
            Code.NO_DIFFERENCE, f"expected a difference {where}, found what the venue shows"
        )
    if command.quantity != differs or command.cash not in (ZERO, cash):
        wanted = f"found {plain(command.quantity)} and cash {plain(command.cash)}"
        return Refusal(
            Code.DIFFERENCE_MISMATCH,
            f"expected {plain(differs)} {symbol}, and cash 0 or {plain(cash)}, {wanted}",
        )
    return _unsettled(turn, command)


def _unsettled(turn: Turn, command: AdjustAccount) -> Refusal | None:
    symbol = command.symbol
    if not symbol:
        return None
    opened = [
        order.client_order_id
        for order in turn.state.orders.values()
        if symbol in traded_symbols(order.specification) and order.sends
    ]
    if opened:
        found = f"found {', '.join(opened)}"
        return Refusal(Code.ORDERS_OPEN, f"expected no open order in {symbol}, {found}")
    venue = _venue_of(turn, symbol)
    if venue is None:
        known = f"expected a symbol of the session's feed, found {symbol}"
        return Refusal(Code.SYMBOL_UNKNOWN, known)
    if _price_of(turn, command, venue) is None:
        found = f"expected a price to book {symbol} at, found none and no close"
        return Refusal(Code.PRICE_UNKNOWN, found)
    return None


def _venue_of(turn: Turn, symbol: str) -> str | None:
    """Return where a symbol is traded: at the venue of its last order, else of its instrument."""
    known = turn.state.venues.get(symbol)
    listed = sorted(each for each in turn.state.grids if each.endswith(f"|{symbol}"))
    return known or (listed[0].partition("|")[0] if listed else None)


def _price_of(turn: Turn, command: AdjustAccount, venue: str) -> Decimal | None:
    """Return at what units are booked: as told, by what they cost, or at the newest close."""
    if command.price is not None:
        return command.price
    if command.cash * command.quantity < 0:
        return -command.cash / command.quantity
    return turn.state.price_of(f"{venue}|{command.symbol}")


def _book(turn: Turn, entry_id: str, command: AdjustAccount, approver: str) -> None:
    """Book an adjustment, share by share; its cash goes with the units."""
    state, symbol = turn.state, command.symbol
    venue = _venue_of(turn, symbol) or ""
    price = _price_of(turn, command, venue) if symbol else None
    weights = _owners(turn, command)
    step = quantity_step(state, venue, symbol, command.quantity)
    quantities = share(command.quantity, weights, step)
    amounts = share(command.cash, weights, cash_step(command.cash))
    amounts[NOBODY] = amounts.get(NOBODY, ZERO) + amounts.pop(OPENING, ZERO)
    opening = quantities.pop(OPENING, ZERO)
    if opening != 0 and state.reconciliation.opening is not None:
        state.reconciliation.opening[symbol] += opening
    kind = AccountEntryKind.TRANSFER if command.transfer else AccountEntryKind.ADJUSTMENT
    for owner in sorted({*quantities, *amounts}):
        quantity, cash = quantities.get(owner, ZERO), amounts.get(owner, ZERO)
        if quantity != 0:
            state.move(owner, symbol, quantity)
            state.venues.setdefault(symbol, venue)
        elif cash == 0:
            continue
        turn.publish(
            AccountEntry(
                session=turn.parameters.session,
                account=turn.parameters.account,
                strategy=owner,
                entry_id=f"{entry_id}/{owner}" if owner else entry_id,
                kind=kind,
                venue=venue,
                symbol=symbol,
                quantity=quantity,
                price=price,
                currency=state.reconciliation.currency,
                cash=cash,
                event_at_ns=turn.now_ns,
                principal=command.principal,
                approver=approver,
                reason=command.reason,
            )
        )
    state.reconciliation.cash_flow += command.cash
    state.changes += 1
    if command.entry_id:
        note(turn, command.entry_id)
        state.reconciliation.unread.pop(command.entry_id, None)


def _owners(turn: Turn, command: AdjustAccount) -> dict[str, Decimal]:
    """Return who bears an adjustment, and in what proportion."""
    if command.strategy:
        return {command.strategy: abs(command.quantity) or abs(command.cash)}
    weights = weights_of(turn.state, command.symbol)
    held = sum(weights.values(), ZERO)
    reduces = command.quantity * held < 0 and abs(command.quantity) <= abs(held)
    return weights if reduces else {}


def _refuse(turn: Turn, call_id: str, refusal: Refusal) -> None:
    answer = AccountEntryAnswer(accepted=False, code=refusal.code, message=refusal.message)
    turn.answer(call_id, answer)
