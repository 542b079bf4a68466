"""Orders that exclude each other (OCO): what one of them fills, the others lose."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_execution.core.paper.book import PaperBook, PaperOrder


def join(book: PaperBook, order: PaperOrder) -> None:
    """Note an order that has been answered among those of its choice."""
    group = order.resting.specification.oco_group
    book.choices.setdefault(group, []).append(order.client_order_id)


def forget(book: PaperBook, order: PaperOrder) -> None:
    """Take a forgotten order from its choice."""
    ids = book.choices.get(order.resting.specification.oco_group)
    if ids is None:
        return
    ids.remove(order.client_order_id)
    if not ids:
        del book.choices[order.resting.specification.oco_group]


def taken_by_others(book: PaperBook, specification: OrderSpecification) -> Decimal:
    """Return how much the choice has filled before this order of it arrived."""
    return sum((each.filled for each in _others(book, specification)), ZERO)


def reduce_others(book: PaperBook, order: PaperOrder, quantity: Decimal) -> list[PaperOrder]:
    """Take a fill from the open others of a choice; return those of which nothing is left."""
    ended = []
    for each in _others(book, order.resting.specification):
        if not each.is_open:
            continue
        taken = min(quantity, each.resting.remaining)
        each.resting.remaining -= taken
        each.reduced += taken
        if each.resting.remaining == 0:
            ended.append(each)
    return ended


def _others(book: PaperBook, specification: OrderSpecification) -> Iterator[PaperOrder]:
    for each in book.choices.get(specification.oco_group, ()):
        if each != specification.client_order_id:
            yield book.orders[each]
