"""An exact closing order, placed by hand: at most its quantity, and entries stay."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from tidegate_contracts.execution import OrderState, Side
from tidegate_contracts.risk import Verdict
from tidegate_execution.testing import DAY_0_NS, SessionRig, bar, instrument, verdict
from tidegate_kernel.time import NS_PER_DAY

QUIET = (100, 101, 99, 100)


def at(day: int) -> int:
    """Return the instant at which the bar of a day is known."""
    return DAY_0_NS + (day + 1) * NS_PER_DAY


def holding() -> SessionRig:
    """Return a session that holds 10 and has an entry for 5 more resting at 50."""
    rig = SessionRig()
    rig.instant(at(0), [instrument(), bar(0, QUIET)])
    rig.instant(at(0), [verdict(at(0))])
    rig.instant(at(1), [bar(1, QUIET)])
    resting = verdict(at(1), quantity=Decimal(5), limit_price=Decimal(50))
    rig.instant(at(1), [resting])
    return rig


def closing(day: int, quantity: int, *, exact: bool) -> Verdict:
    """Return a verdict that closes."""
    made = verdict(at(day), ordinal=1, side=Side.SELL, reduce_only=True, quantity=Decimal(quantity))
    return msgspec.structs.replace(made, exact=exact)


@pytest.mark.parametrize(
    ("wanted", "exact", "sold", "entry"),
    [
        (4, True, 4, OrderState.WORKING),
        # Never more than is held, whatever was asked for.
        (40, True, 10, OrderState.WORKING),
        # A strategy's exit means "get out".
        (4, False, 10, OrderState.CANCELLED),
    ],
)
def test_an_exact_order_closes_its_quantity_and_leaves_entries_alone(
    *, wanted: int, exact: bool, sold: int, entry: OrderState
) -> None:
    """Of 10 held with an entry open; also when a restart comes in between."""
    rig = holding()
    rig.instant(at(1), [closing(1, wanted, exact=exact)])
    rig.restart()
    rig.instant(at(2), [bar(2, QUIET)])
    assert rig.fills[-1].quantity == sold
    of_entry = [each for each in rig.order_events if each.specification.limit_price is not None]
    assert of_entry[-1].state == entry
