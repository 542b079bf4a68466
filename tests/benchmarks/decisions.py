"""What a decision costs with 50 positions and a year of closes: the whole of it, and each rule.

A decision is timed as the machine makes it, from the signal to the verdict. Rules are timed one
after the other in the order of their tables: what several of them look at is worked out by the
first that asks, and belongs to its figure. All of it is processor time: nothing here waits.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.benchmarks.measure import NS_PER_US, Figure, figure

from tidegate_chassis.host.service import spare_the_collector
from tidegate_contracts.execution import OrderState
from tidegate_kernel.money import use_money_context
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_risk.core.limits import LimitTable
from tidegate_risk.core.question import Proposal, Question
from tidegate_risk.core.rules import ORDER_RULES, SIGNAL_RULES
from tidegate_risk.core.sizing.target import propose
from tidegate_risk.testing import START_NS, Desk, bar, code, instrument, parameters, signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_risk.core.parameters import DecisionParameters

POSITIONS = 50
DAYS = 260
DECISIONS = 400
SYMBOLS = tuple(f"S{number:02}" for number in range(POSITIONS))


def measure_decisions() -> list[Figure]:
    """Fill a book, then decide again and again; every probe's order is cancelled at once."""
    use_money_context()
    spare_the_collector()
    told = parameters(lockstep=False, position_fraction=Decimal("0.01"))
    desk = _desk(told)
    whole: list[float] = []
    rules: dict[str, list[float]] = defaultdict(list)
    for number in range(DECISIONS):
        desk.now_ns += NS_PER_SECOND
        symbol = SYMBOLS[number % POSITIONS]
        _time_rules(desk, told, symbol, rules)
        started_ns = time.thread_time_ns()
        verdict = desk.ask(symbol=symbol, strategy="probe", stop_distance=Decimal(2))
        whole.append((time.thread_time_ns() - started_ns) / NS_PER_US)
        assert code(verdict) == "APPROVED", verdict.refusal
        desk.report(verdict, OrderState.CANCELLED)
    figures = [figure(f"decision: a signal with {POSITIONS} positions", whole)]
    return figures + [figure(f"decision: {name}", samples) for name, samples in rules.items()]


def _desk(told: DecisionParameters) -> Desk:
    desk, chance = Desk(told, SYMBOLS), random.Random(1)
    for symbol in SYMBOLS:
        desk.tell(instrument(symbol))
    closes = dict.fromkeys(SYMBOLS, 10_000)
    for day in range(1, DAYS + 1):
        desk.now_ns = START_NS + day * NS_PER_DAY
        for symbol in SYMBOLS:
            closes[symbol] = max(1_000, closes[symbol] + chance.randint(-100, 100))
            desk.tell(bar(symbol, closes[symbol], desk.now_ns))
    for symbol in SYMBOLS:
        desk.hold(symbol)
    assert desk.machine.state.portfolio.estimates(told.limits), "a year of closes says something"
    return desk


def _time_rules(
    desk: Desk, told: DecisionParameters, symbol: str, samples: dict[str, list[float]]
) -> None:
    """Ask what the machine will ask, one rule at a time; the book is not changed by that."""
    wish = signal(
        symbol=symbol, strategy="probe", event_at_ns=desk.now_ns, stop_distance=Decimal(2)
    )
    limits = LimitTable(told.limits, told.overrides).of("probe", symbol)
    question = Question(wish, desk.now_ns, told, limits, desk.machine.state)

    def timed(name: str, ask: Callable[[], object]) -> object:
        started_ns = time.thread_time_ns()
        answer = ask()
        samples[name].append((time.thread_time_ns() - started_ns) / NS_PER_US)
        return answer

    for asked in SIGNAL_RULES:
        timed(f"rule {_name(asked.check)}", lambda: asked.check(question))  # noqa: B023
    described = question.instrument
    assert described is not None
    proposal = timed("sizing", lambda: propose(question, described))
    assert isinstance(proposal, Proposal)
    for rule in ORDER_RULES:
        timed(f"rule {_name(rule.check)}", lambda: rule.check(proposal))  # noqa: B023


def _name(check: Callable[..., object]) -> str:
    module, name = check.__module__.rpartition(".")[2], check.__name__.removeprefix("check")
    return module + name
