"""What a venue has booked by itself, as it lists it: taken in before the account is compared.

1. A real venue lists its own bookings with its account, those of some days again and again, and
   reads them after what is held. Each is booked once, by its id (`booking`).
2. An answer with something new among them is not compared: what is held may have been read before
   it was booked. The venue is asked again, and compared when it has told nothing new.
3. Until the account has its beginning, and the first time that anything is listed, ids are only
   noted: what was booked before is in what lay there.
4. What cannot be read, or contradicts itself, is not booked and kept by its name. Once the account
   agrees without it, cash included, it is settled: nothing is missing, or people have booked it.
   Until then the account is not reconciled, and says which it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import AccountEntryKind
from tidegate_execution.core.entries.booking import note, take_entry
from tidegate_execution.core.parameters import PAPER
from tidegate_execution.core.reasons import Code

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueAccount, VenueEntry
    from tidegate_execution.core.turn import Turn

NAMED_MAX = 3


def since_ns(turn: Turn) -> int:
    """Return from when on entries are asked for; the paper venue tells them in its channel."""
    if turn.parameters.venue == PAPER:
        return 0
    until_ns = turn.state.reconciliation.entries_until_ns
    return min(until_ns, turn.now_ns) if until_ns else turn.now_ns


def take_listed(turn: Turn, account: VenueAccount) -> bool:
    """Book what is new; tell whether anything was, be it only what cannot be read."""
    known, state = turn.state.entries, turn.state.reconciliation
    begun = state.entries_until_ns != 0 and state.opening is not None
    news = False
    for entry in account.entries:
        if entry.entry_id in known:
            continue
        if not begun:
            note(turn, entry.entry_id)
        elif (why := _unread(turn, entry)) != "":
            news = news or entry.entry_id not in state.unread
            state.unread[entry.entry_id] = why
            continue
        state.unread.pop(entry.entry_id, None)
        news = True
    if turn.parameters.venue != PAPER:
        state.entries_until_ns = state.asked_at_ns
    return news


def _unread(turn: Turn, entry: VenueEntry) -> str:
    """Book an entry; return why it cannot be, as a sentence."""
    if entry.kind is AccountEntryKind.UNSPECIFIED:
        return entry.reason
    return take_entry(turn, entry).message


def settle_unread(turn: Turn, problem: str) -> str:
    """Forget what could not be read if the account agrees without it; else name it as a problem."""
    state = turn.state.reconciliation
    if not state.unread:
        return problem
    if problem == "" and state.differences == {} and state.cash_difference == 0:
        for entry_id in state.unread:
            note(turn, entry_id)
        state.unread.clear()
        return ""
    state.again = state.again or state.differences is None
    named = [f"{each}: {why}" for each, why in list(state.unread.items())[:NAMED_MAX]]
    left = len(state.unread) - len(named)
    told = f"{Code.ENTRY_UNREAD}: {'; '.join([*named, f'{left} more'] if left else named)}"
    return f"{problem}; {told}" if problem else told
