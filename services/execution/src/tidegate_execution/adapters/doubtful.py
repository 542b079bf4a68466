"""An open order of which the venue's words cannot be read: it alone is in doubt, by its name."""

from __future__ import annotations

import structlog

from tidegate_contracts.execution import OrderState, VenueOrder

LOG = structlog.get_logger("venue")


def in_doubt(client_order_id: object, venue_order_id: object, error: Exception) -> VenueOrder:
    """Return which order it is; raises what could not be read when even that is not known.

    One without our kind of id is nobody's here: it is named by the venue's, and halts the account.
    """
    ours, theirs = (
        each if isinstance(each, str) else "" for each in (client_order_id, venue_order_id)
    )
    if not ours and not theirs:
        raise error
    name = ours or f"the venue's {theirs}"
    LOG.warning("an open order cannot be read", order=name, error=str(error))
    return VenueOrder(
        client_order_id=name, found=True, venue_order_id=theirs, state=OrderState.UNKNOWN
    )
