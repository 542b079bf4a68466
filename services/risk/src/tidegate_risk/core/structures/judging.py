"""What a structure may lose, at which price, and on which grid: the rules of the whole.

The largest loss is what it costs less the least that it is worth at the expiry of its legs
(`tidegate_kernel.structures`). A market order costs its net price now and `cash_buffer_fraction` of
what its legs cost together; a limit order its limit. A credit lies below zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate_contracts.execution import Side
from tidegate_kernel.money import ZERO, is_multiple, plain, round_down
from tidegate_kernel.structures import Leg, worth_least
from tidegate_kernel.time import NS_PER_MILLISECOND
from tidegate_risk.core.once import once
from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from tidegate_contracts.execution import OrderLeg, OrderSpecification
    from tidegate_contracts.market import Instrument
    from tidegate_contracts.risk import DecisionNumber
    from tidegate_risk.core.book.approvals import Approval
    from tidegate_risk.core.question import Question

SIGNS = {Side.BUY: 1, Side.SELL: -1}


def legs_of(legs: Sequence[OrderLeg]) -> list[Leg]:
    """Return legs as `tidegate_kernel.structures` reads them."""
    return [Leg(leg.symbol, SIGNS.get(leg.side, 0), leg.ratio) for leg in legs]


@dataclass(eq=False)
class Structure:
    """An order with legs, the question about it, and what its legs are and cost."""

    question: Question
    specification: OrderSpecification
    instruments: Sequence[Instrument]
    prices: Sequence[Decimal]
    # What nothing else needed before the order.
    free_cash: Decimal

    @once
    def net_price(self) -> Decimal:
        """What one unit of the structure costs now; below zero it brings that much."""
        legs = zip(self.specification.legs, self.prices, strict=True)
        return sum((SIGNS[leg.side] * leg.ratio * price for leg, price in legs), ZERO)

    @once
    def gross_price(self) -> Decimal:
        """What all legs of one unit cost, those that are sold as much as those that are bought."""
        legs = zip(self.specification.legs, self.prices, strict=True)
        return sum((leg.ratio * price for leg, price in legs), ZERO)

    @once
    def delta(self) -> Decimal:
        """How far one unit moves with its underlying, as far as its Greeks are known."""
        legs = zip(self.specification.legs, self.instruments, strict=True)
        return sum(
            (SIGNS[leg.side] * leg.ratio * each.greeks.delta for leg, each in legs if each.greeks),
            ZERO,
        )

    @once
    def worst_price(self) -> Decimal:
        """What one unit may cost."""
        if self.specification.limit_price is not None:
            return self.specification.limit_price
        return self.net_price + self.question.limits.cash_buffer_fraction * self.gross_price

    @once
    def loss_per_unit(self) -> Decimal | None:
        """What one unit may lose; None: there is no bound."""
        least = worth_least(legs_of(self.specification.legs))
        return None if least is None else max(self.worst_price - least, ZERO)

    @once
    def loss(self) -> Decimal | None:
        """What the order may lose; None: there is no bound."""
        each = self.loss_per_unit
        return None if each is None else each * self.specification.quantity

    def numbers(self) -> list[DecisionNumber]:
        """Return what it was judged on."""
        money = self.question.currency
        found = [
            number("structure_quantity", self.specification.quantity, "units"),
            number("structure_net_price", self.net_price, money),
        ]
        if self.loss is not None and self.question.increasing:
            limit = self.question.limits.option_loss_max_fraction * self.question.equity
            found += [
                number("structure_loss", self.loss, money),
                number("limit_structure_loss", limit, money),
            ]
        return found


def refused(structure: Structure) -> Refused | None:
    """Ask every rule about the whole; those that only bound entries are not asked about exits."""
    for rule in ENTRIES if structure.question.increasing else ALWAYS:
        found: Refused | None = rule(structure)
        if found is not None:
            return found
    return None


def lies_on_the_grid(structure: Structure) -> Refused | None:
    """Whole contracts of every leg, at a net price on their ticks."""
    specification = structure.specification
    for instrument in structure.instruments:
        lot, tick, limit = instrument.lot_size, instrument.tick_size, specification.limit_price
        quantity = specification.quantity
        if quantity <= 0 or not is_multiple(quantity, lot):
            return Refused(
                code=Code.LOT_SIZE,
                expected=f"a multiple of {plain(lot)} units above 0, a contract of each leg",
                found=plain(quantity),
                remedy=f"{plain(max(round_down(quantity, lot), lot))} would pass",
            )
        if limit is not None and not is_multiple(limit, tick):
            return Refused(
                code=Code.TICK_SIZE,
                expected=f"a net price that is a multiple of {plain(tick)}",
                found=plain(limit),
                remedy=f"{plain(round_down(limit, tick))} would pass",
            )
    return None


def lies_in_the_collar(structure: Structure) -> Refused | None:
    """A limit that would trade is no worse than a share of what all legs cost."""
    limit, limits = structure.specification.limit_price, structure.question.limits
    highest = structure.net_price + limits.price_collar_fraction * structure.gross_price
    if limit is None or limit <= highest:
        return None
    unit = structure.question.currency
    return Refused(
        code=Code.PRICE_COLLAR,
        expected=f"a net price of at most {shown(highest, unit)} (price_collar_fraction of what "
        "all legs cost, around their newest closes)",
        found=shown(limit, unit),
        remedy="it passes at a price within the collar",
        numbers=(number("limit_price_highest", highest, unit),),
    )


def loss_has_a_bound(structure: Structure) -> Refused | None:
    """What is sold is covered inside of the structure, unless the limits allow what is not."""
    if structure.loss is not None or structure.question.limits.option_loss_unbounded_allowed:
        return None
    return loss_without_bound("option_loss_unbounded_allowed")


def loss_without_bound(setting: str = "") -> Refused:
    """Return the refusal of what may lose without end; ``setting`` is what would allow it."""
    return Refused(
        code=Code.OPTION_RISK_UNDEFINED,
        expected="legs of one expiry, and no more calls sold than bought"
        + (f" ({setting})" if setting else ", for the size follows from the largest loss"),
        found="a structure that may lose without bound",
        remedy="a further leg that covers what is sold makes it pass",
    )


def loss_is_within_limit(structure: Structure) -> Refused | None:
    """The largest loss is at most ``option_loss_max_fraction`` of equity."""
    question, loss = structure.question, structure.loss
    limit, unit = question.limits.option_loss_max_fraction * question.equity, question.currency
    if loss is None or loss <= limit:
        return None
    return Refused(
        code=Code.STRUCTURE_LOSS,
        expected=f"a loss of at most {shown(limit, unit)} at the expiry (option_loss_max_fraction)",
        found=shown(loss, unit),
        remedy=_fewer(structure, limit),
        numbers=(
            number("structure_loss", loss, unit),
            number("limit_structure_loss", limit, unit),
        ),
    )


def loss_is_covered(structure: Structure) -> Refused | None:
    """Free cash covers the largest loss; without a bound, what the structure costs."""
    unit, free = structure.question.currency, structure.free_cash
    loss = structure.loss
    if loss is None:
        loss = max(structure.worst_price, ZERO) * structure.specification.quantity
    if loss <= free:
        return None
    return Refused(
        code=Code.BUYING_POWER,
        expected=f"a loss at the expiry that free cash covers, {shown(free, unit)}",
        found=shown(loss, unit),
        remedy=_fewer(structure, free),
        numbers=(number("structure_loss", loss, unit),),
    )


def is_no_duplicate(structure: Structure) -> Refused | None:
    """The strategy has not ordered as much of the same legs within ``duplicate_window_ns``."""
    question = structure.question
    window_ns = question.limits.duplicate_window_ns
    since_ns = question.now_ns - window_ns
    same = (question.signal.strategy, listing_of_all(structure), structure.specification.quantity)
    for each in question.approvals:
        if each.at_ns > since_ns and same == _named(each):
            return Refused(
                code=Code.DUPLICATE,
                expected=f"no equal order within {window_ns // NS_PER_MILLISECOND} ms",
                found=f"one {(question.now_ns - each.at_ns) // NS_PER_MILLISECOND} ms ago",
                remedy="it passes after the window",
            )
    return None


def listing_of_all(structure: Structure) -> str:
    """Return the name under which the approval of a structure is remembered."""
    wanted = structure.specification
    legs = sorted(f"{leg.side.name}{leg.ratio}{leg.symbol}" for leg in wanted.legs)
    return f"{wanted.venue}|{'+'.join(legs)}"


def _named(approval: Approval) -> tuple[str, str, Decimal]:
    return approval.strategy, approval.listing, approval.quantity


def _fewer(structure: Structure, most: Decimal) -> str:
    each, lot = structure.loss_per_unit, structure.instruments[0].lot_size
    fits = round_down(max(most, ZERO) / each, lot) if each else ZERO
    return f"{plain(fits)} units would pass" if fits > 0 else "no quantity would pass now"


ALWAYS = (lies_on_the_grid,)
ENTRIES = (
    *ALWAYS,
    lies_in_the_collar,
    loss_has_a_bound,
    loss_is_within_limit,
    loss_is_covered,
    is_no_duplicate,
)
