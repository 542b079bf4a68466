"""Risk over HTTP: what was decided, on which limits, how the gate stands, and who changed it.

========  ========================================================================================
state     equity, exposure and breakers, as the machines have them
verdicts  searched, counted by reason, one with all its numbers or in words
asking    what would you say to this order?
orders    an order by hand, or what would be said to it
limits    the document in force, its history; another one in its place
gate      how it stands; raise it, lower it
audit     who did what and why
fields    kinds of value that questions and orders have in common
sessions  the machines of the sessions that this process decides for
context   what the host gives to the routes
========  ========================================================================================

A command that is refused answers 409 with its stable code, in the one form of every error. Every
command needs a bearer token that names its principal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from tidegate_risk.adapters.http.asking import add_asking
from tidegate_risk.adapters.http.audit import add_audit
from tidegate_risk.adapters.http.gate import add_gate
from tidegate_risk.adapters.http.limits import add_limits
from tidegate_risk.adapters.http.orders import add_orders
from tidegate_risk.adapters.http.state import add_state
from tidegate_risk.adapters.http.verdicts import add_verdicts

if TYPE_CHECKING:
    from tidegate_risk.adapters.http.context import Context


def routes(context: Context) -> APIRouter:
    """Return the endpoints of the risk service."""
    router = APIRouter()
    add_state(router, context)
    add_verdicts(router, context)
    add_asking(router, context)
    add_orders(router, context)
    add_limits(router, context)
    add_gate(router, context)
    add_audit(router, context)
    return router
