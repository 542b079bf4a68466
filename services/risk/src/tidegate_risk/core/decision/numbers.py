"""Everything that a verdict was decided on, so that a person can ask why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.decision.portfolio_numbers import portfolio_figures
from tidegate_risk.core.refusals import written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_contracts.risk import DecisionNumber
    from tidegate_risk.core.question import Proposal, Question
    from tidegate_risk.core.refusals import Figure


def numbers_of(
    question: Question, proposal: Proposal | None, extra: Iterable[DecisionNumber]
) -> tuple[DecisionNumber, ...]:
    """Return the account's numbers, the order's if there is one, and a refusal's own, once each."""
    figures = _of_question(question)
    if proposal is not None:
        figures += _of_proposal(proposal)
    named = {each.name: each for each in (*written(figures), *extra)}
    return tuple(named.values())


def _of_question(question: Question) -> list[Figure]:
    book, unit = question.book, question.currency
    figures: list[Figure] = [
        ("equity", question.equity, unit),
        ("account_equity", book.account_equity(), unit),
        ("marked_equity", question.marked_equity, unit),
        ("free_cash", question.free_cash, unit),
        ("daily_loss", question.daily_loss, unit),
        ("open_positions", len(question.exposed_listings), "symbols"),
        ("open_orders", book.orders.count(), "orders"),
        ("gate_level", int(question.gate.level_for(question.coverage)), "level"),
    ]
    price = question.price
    if price is not None:
        figures.append(("price", price, unit))
    return figures


def _of_proposal(proposal: Proposal) -> list[Figure]:
    question, limits = proposal.question, proposal.question.limits
    money, units = question.currency, proposal.instrument.base_currency
    holdings, equity = question.book.holdings, question.equity
    owned = holdings.owned_by(question.signal.strategy, question.listing)
    figures: list[Figure] = [
        ("quantity", proposal.quantity, units),
        ("position_quantity", holdings.position(question.listing), units),
        ("owned_quantity", owned, units),
        ("order_notional", proposal.notional, money),
        ("symbol_exposure", proposal.symbol_exposure, money),
        ("gross_exposure", proposal.gross_exposure, money),
    ]
    if question.placed is not None:
        figures.append(("wanted_quantity", question.placed.quantity, units))
    if not question.increasing:
        return figures
    symbol, gross = limits.symbol_exposure_max_fraction, limits.gross_exposure_max_fraction
    return [
        *figures,
        *portfolio_figures(proposal),
        *(() if proposal.size is None else proposal.size.figures(units)),
        ("limit_order_notional", limits.order_notional_max_fraction * equity, money),
        ("limit_symbol_exposure", symbol * equity, money),
        ("limit_gross_exposure", gross * equity, money),
    ]
