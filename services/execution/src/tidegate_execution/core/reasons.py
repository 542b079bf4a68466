"""The stable codes of everything that execution refuses, ends or stops by itself."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Code(StrEnum):
    """Why an order did not reach the venue, ended there, or why trading stopped."""

    SESSION_MISMATCH = "SESSION_MISMATCH"
    """The verdict belongs to another session or account."""
    SPECIFICATION_INVALID = "SPECIFICATION_INVALID"
    """The approved order is missing, contradicts its verdict or is not well formed."""
    ORDER_UNSUPPORTED = "ORDER_UNSUPPORTED"
    """The session's venue takes no such order, and execution cannot stand in for it."""
    CLIENT_ORDER_ID_MISMATCH = "CLIENT_ORDER_ID_MISMATCH"
    """The client order id does not derive from the signal, so a retry could not be recognised."""
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    """The signal is too old to be told from one that already made an order."""
    CAUSE_MISSING = "CAUSE_MISSING"
    """What the verdict depended on did not arrive here."""
    TERM_STALE = "TERM_STALE"
    """A newer leader of risk is known."""
    GATE_EPOCH_STALE = "GATE_EPOCH_STALE"
    """The gate was raised after the verdict was decided."""
    VERDICT_EXPIRED = "VERDICT_EXPIRED"
    """The verdict's time was over before the order could be sent."""
    GATE_CLOSED = "GATE_CLOSED"
    """The gate does not let such an order through."""
    QUANTITY_NOT_POSITIVE = "QUANTITY_NOT_POSITIVE"
    """The quantity is zero, negative or not a number."""
    CAP_ORDER_QUANTITY = "CAP_ORDER_QUANTITY"
    """The quantity is beyond execution's own cap."""
    CAP_ORDER_NOTIONAL = "CAP_ORDER_NOTIONAL"
    """Quantity times price is beyond execution's own cap."""
    PRICE_UNKNOWN = "PRICE_UNKNOWN"
    """Execution has seen no price of its own, so the notional cap cannot be checked."""
    RATE_BUDGET = "RATE_BUDGET"
    """Too many orders in the window."""
    NOT_RECONCILED = "NOT_RECONCILED"
    """The account is not reconciled, or the outcome of an order is unknown."""

    NOTHING_TO_CLOSE = "NOTHING_TO_CLOSE"
    """The strategy holds nothing that a reduce-only order could close."""
    REPLACED_BY_CLOSE = "REPLACED_BY_CLOSE"
    """The entry was cancelled because its strategy wants out."""
    SIBLING_FILLED = "SIBLING_FILLED"
    """Another order of its group has filled, or is about to."""
    EXIT_RESIZED = "EXIT_RESIZED"
    """The protective exit no longer fits what it is to close; the next one does."""
    EXIT_NOT_NEEDED = "EXIT_NOT_NEEDED"
    """What the protective exit was to close is closed, or is being closed otherwise."""
    CANCELLED_BY_HAND = "CANCELLED_BY_HAND"
    """A person has cancelled the order."""
    REPLACED_BY_HAND = "REPLACED_BY_HAND"
    """A person has replaced the order; what was left of it is placed under the next id."""
    NOTHING_LEFT = "NOTHING_LEFT"
    """The order that was to be replaced has filled meanwhile, or did not end as cancelled."""
    DATE_OVER = "DATE_OVER"
    """The order's date has come, and its venue knows no dates."""
    VENUE_REJECTED = "VENUE_REJECTED"
    """The venue refused and gave no code."""
    VENUE_CANCELLED = "VENUE_CANCELLED"
    """The venue cancelled the order by itself."""
    VENUE_EXPIRED = "VENUE_EXPIRED"
    """The order's time in force was over."""
    APPEARED_LATE = "APPEARED_LATE"
    """The venue did not know the entry, and shows it now that its verdict has expired."""
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    """Nothing is proven about the request."""
    NOT_FOUND_AT_VENUE = "NOT_FOUND_AT_VENUE"
    """The venue does not know the order, long enough after it was sent."""

    VERDICT_CONFLICT = "VERDICT_CONFLICT"
    """Two different verdicts on one signal."""
    FOREIGN_ORDER = "FOREIGN_ORDER"
    """The venue holds an order of this account that is not ours."""
    OVERFILLED = "OVERFILLED"
    """The venue executed more than was ordered."""
    VENUE_CONTRADICTION = "VENUE_CONTRADICTION"
    """The venue says something of an order that cannot be."""
    HOLDINGS_DIFFER = "HOLDINGS_DIFFER"
    """What the venue holds is not the sum of the fills."""


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A stable code, and a sentence with what was expected and found."""

    code: str
    message: str
