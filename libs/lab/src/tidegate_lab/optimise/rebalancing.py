"""From target weights to orders, each with risk's own answer.

A target is a share of equity in one listing, held by one strategy. What is missing to it is an
entry: a signal, put to a copy of the decision machine in which the target stands as the strategy's
``position_fraction`` of that symbol. So every rule and every other sizing rule has its say, and the
verdict is what the live session would answer. An approved entry is reserved in the copy, so the
next one sees it. Largest first: what the limits cut off is the smaller part.

What is held beyond a target, or short, is a reduction: an order that can only reduce, asked of the
same tables of rules. What reductions would free is not counted on: exposure is never netted, so an
entry that waits for it passes in a later plan, once they have filled.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderSpecification, OrderType, Side, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle, Signal
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import ZERO, plain, round_down
from tidegate_lab.optimise.errors import OptimiseError
from tidegate_risk.core.decision.asking import ask
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.decision.state import read_state
from tidegate_risk.core.limits import LimitTable
from tidegate_risk.core.parameters import Limits, Override
from tidegate_risk.core.question import Proposal, Question, key_of
from tidegate_risk.core.rules import ORDER_RULES, SIGNAL_RULES, first_refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_contracts.market import Instrument
    from tidegate_lab.optimise.desk import Desk
    from tidegate_risk.core.changes.document import LimitsDocument

MODEL = "optimise"
"""What the signals' model is called, unless the strategy has one already."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One order on the way to the targets, and what risk says to it.

    ``quantity`` is what the target asks for, ``quantity_approved`` what risk would order: sizing
    may have cut it, and a refusal, whose ``code`` and ``message`` say why, leaves nothing. Decimals
    are plain text; ``price`` and ``notional`` are in the session's currency.
    """

    symbol: str
    venue: str
    side: str
    held: str
    target: str
    quantity: str
    price: str
    notional: str
    decision: str
    quantity_approved: str
    code: str
    message: str


def rebalance(desk: Desk, strategy: str, targets: Mapping[str, Decimal]) -> list[Answered]:
    """Ask for every order that brings a strategy's positions to targets, by listing.

    A listing that the strategy holds and that has no target is closed. Targets are shares of
    equity, none below 0. Nothing is said where a position is at its target, to the lot.
    """
    session = _Asked(desk, strategy, targets)
    reductions, entries = session.differences()
    answers = [session.reduce(each, ordinal) for ordinal, each in enumerate(reductions)]
    return answers + [session.enter(each, ordinal) for ordinal, each in enumerate(entries)]


class _Asked:
    """A copy of the machine under the targets, and what is asked of it."""

    def __init__(self, desk: Desk, strategy: str, targets: Mapping[str, Decimal]) -> None:
        self._now_ns, self._strategy, self._targets = desk.now_ns, strategy, targets
        parameters = desk.machine.parameters
        state = read_state(desk.machine.snapshot(), parameters)
        self._limits = LimitTable(parameters.limits, parameters.overrides)
        self._model = state.models.get(strategy, MODEL)
        symbols = {each.partition("|")[2]: share for each, share in targets.items() if share > 0}
        state.limits.document = _aimed(state.limits.document, symbols)
        self._machine = DecisionMachine(parameters, state)
        self._book = state.book
        self._equity = state.book.equity()
        if self._equity <= 0:
            raise OptimiseError("equity", "above 0", plain(self._equity))

    def differences(self) -> tuple[list[str], list[str]]:
        """Return the listings of which too much is held, and too little; the largest first."""
        values = {each: self._missing(each) * self._price(each) for each in self._listings()}
        ordered = sorted(values, key=lambda each: (-values[each], each))
        missing = [each for each in ordered if values[each] > 0]
        return (
            [each for each in missing if self._is_reduction(each)],
            [each for each in missing if not self._is_reduction(each)],
        )

    def enter(self, listing: str, ordinal: int) -> Answered:
        """Ask the machine for the order that is missing."""
        signal = self._signal(listing, Direction.LONG, ordinal)
        verdict = ask(self._machine, signal, self._now_ns)
        assert verdict is not None, "a signal that nobody has sent before gets a verdict"
        specification, refusal = verdict.specification, verdict.refusal
        quantity = ZERO if specification is None else specification.quantity
        refused = ("", "") if refusal is None else (refusal.code, refusal.message)
        return self._answer(listing, Side.BUY, quantity, refused)

    def reduce(self, listing: str, ordinal: int) -> Answered:
        """Ask the rules for a reduce-only order over what is held too much."""
        signal = self._signal(listing, Direction.FLAT, ordinal)
        machine, instrument = self._machine, self._instrument(listing)
        side = Side.SELL if self._held(listing) > 0 else Side.BUY
        question = Question(
            signal=signal,
            now_ns=self._now_ns,
            parameters=machine.parameters,
            limits=self._limits.of(self._strategy, signal.symbol),
            state=machine.state,
        )
        specification = OrderSpecification(
            client_order_id=client_order_id(key_of(signal), 0),
            venue=signal.venue,
            symbol=signal.symbol,
            side=side,
            order_type=OrderType.MARKET,
            quantity=self._missing(listing),
            limit_price=None,
            time_in_force=TimeInForce.GTC,
            reduce_only=True,
        )
        proposal = Proposal(question, instrument, specification, self._price(listing))
        refused = first_refusal(SIGNAL_RULES, question, increasing=False)
        refused = refused or first_refusal(ORDER_RULES, proposal, increasing=False)
        quantity = ZERO if refused else specification.quantity
        said = ("", "") if refused is None else (refused.code.value, refused.message)
        return self._answer(listing, side, quantity, said)

    def _answer(
        self, listing: str, side: Side, approved: Decimal, refused: tuple[str, str]
    ) -> Answered:
        venue, _, symbol = listing.partition("|")
        quantity, price = self._missing(listing), self._price(listing)
        return Answered(
            symbol=symbol,
            venue=venue,
            side=side.name,
            held=plain(self._held(listing)),
            target=plain(self._wanted(listing)),
            quantity=plain(quantity),
            price=plain(price),
            notional=plain(round(quantity * price, 2)),
            decision="REFUSED" if refused[0] else "APPROVED",
            quantity_approved=plain(approved),
            code=refused[0],
            message=refused[1],
        )

    def _listings(self) -> list[str]:
        mine = f"{self._strategy}|"
        held = [
            each.removeprefix(mine) for each in self._book.holdings.owned if each.startswith(mine)
        ]
        return list(dict.fromkeys([*self._targets, *held]))

    def _wanted(self, listing: str) -> Decimal:
        share = self._targets.get(listing, ZERO)
        lot = self._instrument(listing).lot_size
        return round_down(share * self._equity / self._price(listing), lot)

    def _held(self, listing: str) -> Decimal:
        return self._book.holdings.owned_by(self._strategy, listing)

    def _is_reduction(self, listing: str) -> bool:
        held = self._held(listing)
        return held < 0 or held > self._wanted(listing)

    def _missing(self, listing: str) -> Decimal:
        """Return how much is to be ordered, to the lot; a short position is closed before all."""
        held, lot = self._held(listing), self._instrument(listing).lot_size
        return round_down(-held if held < 0 else abs(self._wanted(listing) - held), lot)

    def _price(self, listing: str) -> Decimal:
        price = self._book.market.price_of(listing)
        if price is None or price <= 0:
            raise OptimiseError(f"the price of {listing}", "above 0", "none")
        return price

    def _instrument(self, listing: str) -> Instrument:
        return self._book.market.instruments[listing]

    def _signal(self, listing: str, direction: Direction, ordinal: int) -> Signal:
        venue, _, symbol = listing.partition("|")
        return Signal(
            session=self._machine.parameters.session,
            strategy=self._strategy,
            feed=self._machine.parameters.feed,
            venue=venue,
            symbol=symbol,
            event_at_ns=self._now_ns,
            ordinal=ordinal,
            direction=direction,
            strength=1.0,
            confidence=1.0,
            entry_style=EntryStyle.MARKET,
            reference_price=self._price(listing),
            model_version=self._model,
        )


def _aimed(document: LimitsDocument, targets: Mapping[str, Decimal]) -> LimitsDocument:
    """Return a document in which each symbol's position has its target's size."""
    resolved = document.resolved
    known = {each.scope: each for each in resolved.overrides}
    for symbol, share in sorted(targets.items()):
        scope = f"symbol:{symbol}"
        before = known.get(scope, Override(scope, (), resolved.limits))
        known[scope] = Override(scope, _with_position(before.names), _sized(before.limits, share))
    aimed = msgspec.structs.replace(resolved, overrides=tuple(known.values()))
    return msgspec.structs.replace(document, resolved=aimed)


def _with_position(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*names, "position_fraction"]))


def _sized(limits: Limits, share: Decimal) -> Limits:
    return msgspec.structs.replace(limits, position_fraction=share)
