"""Where holding costs, the ledger and the venue agree to the last digit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tidegate_chassis.configuration import FeedConfiguration, Money, Session, StrategyConfiguration
from tidegate_contracts.execution import AccountEntry, QueryAccount, VenueAccount
from tidegate_contracts.portfolio import AccountSnapshot, Position
from tidegate_kernel.machine import Answer, Called, Publish
from tidegate_lab.host.session import play, rounds_of

from .markets import HOUR_NS, Market, dataset_of
from .test_engines import CARRY

SESSION = Session(
    name="carried",
    capital=Money(amount=Decimal(100_000), currency="USD"),
    feed=FeedConfiguration(paths=("random.csv",)),
    strategies=tuple(
        StrategyConfiguration(
            name=f"s{slow}",
            strategy="ema-crossover",
            parameters={"fast": 2, "slow": slow, "allow_short": True},
        )
        for slow in (5, 9)
    ),
    limits={
        "short_allowed": True,
        "daily_loss_max_percent": "50",
        "breakers": {
            "resume": "next_day",
            "cooldown": {"pause_s": 60.0},
            "losing_streak": {"losses_max": 100},
            "drawdown": {"percent": "50"},
            "flash_crash": {"percent": "90"},
            "pnl_jump": {"percent": "50"},
        },
    },
    venue={"protective_exits": "stop", "carry": CARRY},
)


def test_ledger_and_venue_agree_where_holding_costs() -> None:
    """Cash, and units of every symbol, whatever was borrowed, paid, split and cancelled."""
    kinds = {kind for seed in range(4) for kind in kinds_told(seed)}
    assert kinds == {"BORROW_FEE", "DIVIDEND", "FUNDING", "SPLIT"}


def kinds_told(seed: int) -> set[str]:
    """Play a session, hold the books against the venue; return the kinds of its entries."""
    session = SESSION
    dataset = dataset_of(Market(seed, 300, 3, HOUR_NS, 0.05, 0.0), session.feed_name)
    rounds = rounds_of(session, dataset)
    said: list[Any] = []

    def observe(shard: Any, event: Any, effects: Any, place: Any) -> None:  # noqa: ANN401
        del shard, event, place
        said.extend(each.body for each in effects if isinstance(each, Publish))

    rounds.observers.append(observe)
    play(rounds, dataset)
    venue = next(each for each in rounds.shards if each.name == f"venue/{session.name}")
    asked = Called("end", QueryAccount(session=session.name))
    [answer] = venue.handle(asked, rounds.instant_ns)
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, VenueAccount)
    account = [each for each in said if isinstance(each, AccountSnapshot)][-1]
    assert account.cash == answer.body.cash
    last = {each.symbol: each.quantity for each in said if isinstance(each, Position)}
    held = {each.symbol: each.quantity for each in answer.body.holdings}
    assert {symbol: units for symbol, units in last.items() if units} == held
    entries = [each for each in said if isinstance(each, AccountEntry)]
    assert len({each.entry_id for each in entries}) == len(entries)
    return {each.kind.name for each in entries}
