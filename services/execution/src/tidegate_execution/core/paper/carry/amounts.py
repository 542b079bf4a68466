"""What borrowing, funding, dividends and splits come to, pure.

* Borrowing a short costs each calendar day its value at the last price, times the annual rate,
  divided by the days of the declared year (360, as is usual for dollars, or 365).
* Funding: the value at the last price times the interval's rate goes from longs to shorts, or the
  other way round where the rate is below 0.
* A dividend pays its amount per unit to longs and takes it from shorts.
* A split gives ``new`` units for ``old`` ones. Units below the lot are paid in cash, at the last
  price before the split, which the ratio divides.

Cash is rounded half-even to 8 places, once per change.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import AccountEntryKind
from tidegate_execution.core.paper.carry.change import Change
from tidegate_execution.core.paper.carry.parameters import Dividend, Split
from tidegate_execution.core.paper.carry.schedule import DueKind
from tidegate_kernel.money import plain, quantize, round_down

if TYPE_CHECKING:
    from tidegate_execution.core.paper.carry.schedule import Due

CASH_PLACES = 8
_HUNDRED = Decimal(100)


def change_of(due: Due, held: Decimal, price: Decimal, lot: Decimal) -> Change | None:
    """Return what something that is due does to a holding; None if nothing.

    ``price`` is the last one at the time, before a split in the old units.
    """
    if due.kind == DueKind.BORROW:
        return _borrow(held, price, due) if held < 0 else None
    if held == 0:
        return None
    if due.kind == DueKind.FUNDING:
        return _funding(held, price, due.rate)
    if isinstance(due.action, Dividend):
        cash = quantize(held * due.action.amount, CASH_PLACES)
        reason = f"{plain(due.action.amount)} per unit on {plain(held)}"
        return Change(AccountEntryKind.DIVIDEND, cash=cash, reason=reason)
    assert isinstance(due.action, Split), "nothing else is due"
    return _split(due.action, held, price, lot)


def _borrow(held: Decimal, price: Decimal, due: Due) -> Change | None:
    cash = quantize(held * price * due.rate / due.days, CASH_PLACES)
    reason = f"a day of {plain(-held)} borrowed at the price {plain(price)}"
    return Change(AccountEntryKind.BORROW_FEE, cash=cash, reason=reason) if cash else None


def _funding(held: Decimal, price: Decimal, rate: Decimal) -> Change | None:
    cash = quantize(-held * price * rate, CASH_PLACES)
    percent = plain(rate * _HUNDRED)
    reason = f"{percent}% of {plain(held)} at the price {plain(price)}"
    return Change(AccountEntryKind.FUNDING, cash=cash, reason=reason) if cash else None


def _split(split: Split, held: Decimal, price: Decimal, lot: Decimal) -> Change:
    after = round_down(held * split.new / split.old, lot)
    # What the units that are paid out were worth before the split.
    cash = quantize((held * split.new - after * split.old) * price / split.new, CASH_PLACES)
    reason = f"{split.new} for {split.old}: {plain(held)} became {plain(after)}"
    return Change(AccountEntryKind.SPLIT, after - held, cash=cash, reason=reason)


def price_after(due: Due, price: Decimal) -> Decimal:
    """Return what a price from before counts as after something was due."""
    if isinstance(due.action, Split):
        return price * due.action.old / due.action.new
    return price
