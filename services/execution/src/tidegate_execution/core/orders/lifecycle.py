"""The life cycle of an order, as a table.

The rules, in prose:

1. An order is written down (`PENDING`), then written down as being sent (`SUBMITTING`), and only
   then sent. What is refused here never becomes `SUBMITTING`.
2. A timeout proves nothing: the order becomes `UNKNOWN`, never `REJECTED`. It leaves `UNKNOWN`
   when the venue shows it, refuses it, or provably never got it.
3. The venue's reports may overtake its answer, in either direction. A report that says more than
   the state is taken; one that says less, or the same again, changes nothing.
4. An order that has ended stays ended. A fill that still arrives is booked as money, and the
   account is reconciled, but the order does not come back to life.
5. An order whose trigger its venue cannot wait for is `WORKING` while execution holds it, and is
   written down as being sent when it is let go; its size, which may change meanwhile, is told.
   What ends it then is execution's own word.
   An order that is carried out in slices is `WORKING` from its first to its last, and never sent.
6. A report about an order that was never sent contradicts the venue's own rules: forbidden, and
   the machine halts the account. A second send of an order that is not `UNKNOWN` would be our own
   error: forbidden, and the shard crashes.
"""

from __future__ import annotations

from enum import Enum, auto

from tidegate_contracts.execution import OrderState
from tidegate_kernel.table import FORBIDDEN, IGNORED, Cell, TransitionTable


class OrderInput(Enum):
    """What can happen to an order."""

    SEND = auto()
    """The last hop passed it; the request is being made."""
    HOLD = auto()
    """Execution holds it and waits for its trigger itself, or begins to slice it."""
    LET_GO = auto()
    """The trigger was reached: what execution held is being sent."""
    RESIZE = auto()
    """What execution holds is larger or smaller from now on."""
    REFUSE = auto()
    """The last hop refused it: nothing was sent."""
    WITHDRAW = auto()
    """It has become needless before it was sent."""
    LAPSE = auto()
    """Its time was over before it was sent."""
    WITHHELD = auto()
    """The host's guard kept the request back: it provably never left."""
    WITHHELD_LATE = auto()
    """The guard kept the request back because its send-by time had passed."""
    OUTCOME_UNKNOWN = auto()
    """The request's outcome is not proven."""
    RESEND = auto()
    """The same id is sent again to a venue that recognises it."""
    ACCEPTED = auto()
    """The venue answered: taken."""
    REJECTED = auto()
    """The venue answered: refused."""
    FILLED_PART = auto()
    """An execution was booked; some quantity is left."""
    FILLED_ALL = auto()
    """The executions add up to the quantity."""
    CANCELLED = auto()
    """The venue cancelled it, and all its executions are booked; or execution, which held it."""
    EXPIRED = auto()
    """The venue expired it, and all its executions are booked; or execution, which held it."""
    VENUE_REJECTED = auto()
    """The venue dropped it after taking it, and all its executions are booked; or execution did."""
    FOUND_WORKING = auto()
    """A query found it open and unfilled."""
    FOUND_PARTIALLY_FILLED = auto()
    """A query found it open and partly filled."""
    NOT_FOUND = auto()
    """A query did not find it; that proves nothing yet."""
    UNREADABLE = auto()
    """The venue lists it as open, and nobody can read what it says of it."""
    NOT_FOUND_FINALLY = auto()
    """A query did not find it, late enough to prove that it never arrived."""


I = OrderInput  # noqa: E741 - the table below is read by columns
S = OrderState

_Row = dict[OrderInput, OrderState | Cell]

_OWN_ACTS: _Row = {
    I.SEND: FORBIDDEN,
    I.HOLD: FORBIDDEN,
    I.LET_GO: FORBIDDEN,
    I.RESIZE: FORBIDDEN,
    I.REFUSE: FORBIDDEN,
    I.WITHDRAW: FORBIDDEN,
    I.LAPSE: FORBIDDEN,
    I.RESEND: FORBIDDEN,
}
_OPEN_AT_VENUE: _Row = {
    **_OWN_ACTS,
    I.WITHHELD: IGNORED,
    I.WITHHELD_LATE: IGNORED,
    I.OUTCOME_UNKNOWN: IGNORED,
    I.ACCEPTED: IGNORED,
    I.REJECTED: IGNORED,
    I.FILLED_PART: S.PARTIALLY_FILLED,
    I.FILLED_ALL: S.FILLED,
    I.CANCELLED: S.CANCELLED,
    I.EXPIRED: S.EXPIRED,
    I.VENUE_REJECTED: S.REJECTED,
    I.NOT_FOUND: S.UNKNOWN,
    I.NOT_FOUND_FINALLY: S.UNKNOWN,
    I.UNREADABLE: S.UNKNOWN,
}
_ENDED: _Row = {**dict.fromkeys(OrderInput, IGNORED), **_OWN_ACTS}

ROWS: dict[OrderState, _Row] = {
    S.PENDING: {
        **dict.fromkeys(OrderInput, FORBIDDEN),
        I.SEND: S.SUBMITTING,
        I.HOLD: S.WORKING,
        I.REFUSE: S.REJECTED,
        I.WITHDRAW: S.CANCELLED,
        I.LAPSE: S.EXPIRED,
        I.NOT_FOUND: IGNORED,
        I.NOT_FOUND_FINALLY: IGNORED,
    },
    S.SUBMITTING: {
        **_OPEN_AT_VENUE,
        I.WITHHELD: S.REJECTED,
        I.WITHHELD_LATE: S.EXPIRED,
        I.OUTCOME_UNKNOWN: S.UNKNOWN,
        I.ACCEPTED: S.WORKING,
        I.REJECTED: S.REJECTED,
        I.FOUND_WORKING: S.WORKING,
        I.FOUND_PARTIALLY_FILLED: S.PARTIALLY_FILLED,
        I.NOT_FOUND: IGNORED,
        I.NOT_FOUND_FINALLY: IGNORED,
        I.UNREADABLE: IGNORED,
    },
    S.WORKING: {
        **_OPEN_AT_VENUE,
        I.LET_GO: S.SUBMITTING,
        I.RESIZE: S.WORKING,
        I.FOUND_WORKING: IGNORED,
        I.FOUND_PARTIALLY_FILLED: S.PARTIALLY_FILLED,
    },
    S.PARTIALLY_FILLED: {
        **_OPEN_AT_VENUE,
        I.FOUND_WORKING: IGNORED,
        I.FOUND_PARTIALLY_FILLED: IGNORED,
    },
    S.UNKNOWN: {
        **_OPEN_AT_VENUE,
        I.RESEND: S.SUBMITTING,
        I.ACCEPTED: S.WORKING,
        I.FOUND_WORKING: S.WORKING,
        I.FOUND_PARTIALLY_FILLED: S.PARTIALLY_FILLED,
        I.NOT_FOUND: IGNORED,
        I.NOT_FOUND_FINALLY: S.EXPIRED,
        I.UNREADABLE: IGNORED,
    },
    S.FILLED: _ENDED,
    S.CANCELLED: _ENDED,
    S.EXPIRED: _ENDED,
    S.REJECTED: _ENDED,
}

ORDER_LIFECYCLE: TransitionTable[OrderState, OrderInput] = TransitionTable(
    "order life cycle", tuple(ROWS), OrderInput, ROWS
)

ENDED_STATES = frozenset({S.FILLED, S.CANCELLED, S.EXPIRED, S.REJECTED})
"""States that an order never leaves."""
