"""A stop and a target in one order, as Alpaca knows them: order class ``oco``.

The target is the order that is posted, under our client id. The stop hangs on it, with an order id
of its own and a client id that Alpaca gives it. Only answers that nest it tell the relation; a
message of the stream, or a flat list, does not. So a part is told under its order's id once the
relation is known, and until then nothing is concluded from it: the account is asked.

What either has filled is filled of the order, and it ends when both have ended.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tidegate_execution.adapters.alpaca.failures import Unreadable
from tidegate_execution.adapters.alpaca.fields import (
    Document,
    decimal_of,
    documents_of,
    text_of,
)
from tidegate_kernel.money import ZERO, plain

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification

ORDER_CLASS = "oco"
PASSED = "stop_loss.stop_price must be"
"""So Alpaca begins when it compares a stop with the market's price, its ``base_price``."""
CHOICES_REMEMBERED = 20_000
SHOWN_BY = "shown_by"
"""Not Alpaca's: of exits that hang on an entry, the order id of the entry."""
ENDED = frozenset({"filled", "canceled", "replaced", "expired", "rejected"})


def is_part(document: Document) -> bool:
    """Tell whether it is a stop or a target of which only one fills."""
    return document.get("order_class") == ORDER_CLASS


def is_whole(document: Document) -> bool:
    """Tell whether it shows both: the target with its stop."""
    return is_part(document) and bool(document.get("legs"))


def parts_of(document: Document) -> tuple[Document, ...]:
    """Return target and stop; `Unreadable` if what hangs on the target is not a stop."""
    if not is_part(document):
        return (document,)
    hanging = documents_of(document.get("legs"), "legs")
    if not any(each.get("stop_price") for each in hanging):
        raise Unreadable("expected a stop beside the target of an oco order, found none")
    return (document, *hanging)


def posted(specification: OrderSpecification) -> dict[str, object]:
    """Return what makes an order both: only limit orders take a stop beside them."""
    assert specification.limit_price is not None
    assert specification.trigger_price is not None
    return {
        "order_class": ORDER_CLASS,
        "take_profit": {"limit_price": plain(specification.limit_price)},
        "stop_loss": {"stop_price": plain(specification.trigger_price)},
    }


def says_passed(reason: str) -> bool:
    """Tell whether a refusal says that the market has passed the stop already."""
    return reason.startswith(PASSED) and "base_price" in reason


def stop_price_of(document: Document) -> Decimal:
    """Return where the stop is; if Alpaca has replaced it, where the newest one is."""
    stops = [each for each in parts_of(document)[1:] if each.get("stop_price")]
    return decimal_of(stops[-1], "stop_price")


def quantity_of(document: Document) -> Decimal:
    """Return what was ordered: what one of them fills, Alpaca takes off the other."""
    return max(decimal_of(each, "qty") for each in parts_of(document))


def filled_of(document: Document) -> Decimal:
    """Return what both have filled."""
    return sum((decimal_of(each, "filled_qty") for each in parts_of(document)), ZERO)


def has_ended(part: Document) -> bool:
    """Tell whether a part is over for sure."""
    return part.get("status") in ENDED


def status_of(document: Document) -> str:
    """Return the status of the whole: open as long as one is, and filled only if all of it is."""
    parts = parts_of(document)
    statuses = [text_of(each, "status") for each in parts]
    still_open = [text_of(each, "status") for each in parts if not has_ended(each)]
    if still_open:
        return still_open[0]
    if filled_of(document) >= quantity_of(document):
        return "filled"
    told = [each for each in statuses if each in ("expired", "rejected")]
    return told[0] if told else "canceled"


class Heard(NamedTuple):
    """What is known of an order once one of its parts has been told."""

    client_order_id: str
    order_id: str
    # In shares: what is known to be filled, of both together.
    filled: Decimal
    ended: bool


@dataclass
class _Part:
    filled: Decimal = ZERO
    ended: bool = False


@dataclass
class _Known:
    client_order_id: str
    # The order whose answers show the parts: the target, or an entry that they hang on.
    shown_by: str
    parts: dict[str, _Part]


@dataclass
class Choices:
    """Which parts make an order, and how each of them stands as far as it was told."""

    # By the order's id at the venue, oldest first; by part.
    _known: OrderedDict[str, _Known] = field(default_factory=OrderedDict)
    _whole: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def remember(self, document: Document) -> None:
        """Learn from an answer that shows target and stop, or exits; from any other nothing."""
        if not (is_whole(document) or SHOWN_BY in document):
            return
        order_id = text_of(document, "id")
        parts = parts_of(document)
        with self._lock:
            before = self._known.get(order_id)
            told = {} if before is None else before.parts
            names = [text_of(each, "id") for each in parts]
            known = _Known(
                text_of(document, "client_order_id"),
                str(document.get(SHOWN_BY, order_id)),
                {name: told.get(name, _Part()) for name in names},
            )
            self._known[order_id] = known
            self._whole |= dict.fromkeys(names, order_id)
            for name, each in zip(names, parts, strict=True):
                _tell(known.parts[name], each)
            self._forget()

    def order_of(self, part_id: str) -> str:
        """Return the id of the order whose answers show a part; empty if nobody knows."""
        with self._lock:
            known = self._known.get(self._whole.get(part_id, ""))
            return "" if known is None else known.shown_by

    def hear(self, part: Document) -> Heard | None:
        """Take what a message tells of a part; None if nobody knows whose part it is."""
        part_id = text_of(part, "id")
        with self._lock:
            order_id = self._whole.get(part_id, "")
            known = self._known.get(order_id)
            if known is None or part_id not in known.parts:
                return None
            _tell(known.parts[part_id], part)
            filled = sum((each.filled for each in known.parts.values()), ZERO)
            ended = all(each.ended for each in known.parts.values())
            return Heard(known.client_order_id, order_id, filled, ended)

    def _forget(self) -> None:
        while len(self._known) > CHOICES_REMEMBERED:
            _, oldest = self._known.popitem(last=False)
            for part_id in oldest.parts:
                self._whole.pop(part_id, None)


def _tell(known: _Part, part: Document) -> None:
    """Note how a part stands; what is older than what was told changes nothing."""
    known.filled = max(known.filled, decimal_of(part, "filled_qty"))
    known.ended = known.ended or has_ended(part)
