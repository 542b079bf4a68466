"""The exits that are sent with their entry: one order, whose id says whose exits it is.

The venue never sees the id: it gives what hangs on an entry ids of its own. An order's own id has
no second "-", so no order that is sent by itself is called so.
"""

from __future__ import annotations

from tidegate_kernel.identifiers import is_client_order_id

_SUFFIX = "-x"


def attached_exits_id(entry_id: str) -> str:
    """Return the client order id of the exits that an entry is sent with."""
    return f"{entry_id}{_SUFFIX}"


def entry_of(client_order_id: str) -> str:
    """Return the entry that an order is the exits of; empty if it was sent by itself."""
    entry_id = client_order_id.removesuffix(_SUFFIX)
    attached = entry_id != client_order_id and is_client_order_id(entry_id)
    return entry_id if attached else ""


def shortened(client_order_id: str, length: int) -> str:
    """Return the beginning of an id, of exits with what makes it theirs."""
    return client_order_id[:length] + (_SUFFIX if entry_of(client_order_id) else "")


def is_meant(client_order_id: str, name: str) -> bool:
    """Tell whether a name is an id or begins one; exits are not meant by their entry's id."""
    entry_id = entry_of(client_order_id)
    if not entry_id:
        return client_order_id.startswith(name)
    begun = entry_of(name)
    return begun != "" and entry_id.startswith(begun)
