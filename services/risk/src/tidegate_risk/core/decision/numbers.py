"""Everything that a verdict was decided on, so that a person can ask why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.decision.portfolio_numbers import portfolio_numbers
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_contracts.risk import DecisionNumber
    from tidegate_risk.core.question import Proposal, Question


def numbers_of(
    question: Question, proposal: Proposal | None, extra: Iterable[DecisionNumber]
) -> tuple[DecisionNumber, ...]:
    """Return the account's numbers, the order's if there is one, and a refusal's own, once each."""
    of_proposal = () if proposal is None else _of_proposal(proposal)
    every = (*_of_question(question), *of_proposal, *extra)
    named = {each.name: each for each in every}
    return tuple(named.values())


def _of_question(question: Question) -> list[DecisionNumber]:
    book, unit = question.book, question.currency
    numbers = [
        number("equity", question.equity, unit),
        number("account_equity", book.account_equity(), unit),
        number("marked_equity", question.marked_equity, unit),
        number("free_cash", question.free_cash, unit),
        number("daily_loss", question.daily_loss, unit),
        number("open_positions", len(question.exposed_listings), "symbols"),
        number("open_orders", book.orders.count(), "orders"),
        number("gate_level", int(question.gate.level_for(question.coverage)), "level"),
    ]
    price = question.price
    if price is not None:
        numbers.append(number("price", price, unit))
    return numbers


def _of_proposal(proposal: Proposal) -> list[DecisionNumber]:
    question, limits = proposal.question, proposal.question.limits
    money, units = question.currency, proposal.instrument.base_currency
    holdings, equity = question.book.holdings, question.equity
    owned = holdings.owned_by(question.signal.strategy, question.listing)
    numbers = [
        number("quantity", proposal.quantity, units),
        number("position_quantity", holdings.position(question.listing), units),
        number("owned_quantity", owned, units),
        number("order_notional", proposal.notional, money),
        number("symbol_exposure", proposal.symbol_exposure, money),
        number("gross_exposure", proposal.gross_exposure, money),
    ]
    if question.placed is not None:
        numbers.append(number("wanted_quantity", question.placed.quantity, units))
    if not question.increasing:
        return numbers
    symbol, gross = limits.symbol_exposure_max_fraction, limits.gross_exposure_max_fraction
    return [
        *numbers,
        *portfolio_numbers(proposal),
        *(() if proposal.size is None else proposal.size.numbers(units)),
        number("limit_order_notional", limits.order_notional_max_fraction * equity, money),
        number("limit_symbol_exposure", symbol * equity, money),
        number("limit_gross_exposure", gross * equity, money),
    ]
