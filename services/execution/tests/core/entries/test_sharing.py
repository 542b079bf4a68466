"""Shares of an entry: they add up, follow what is held, and turn nobody around."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings, strategies as st

from tidegate_execution.core.entries.sharing import CENT, SMALLEST, share
from tidegate_execution.core.state import NOBODY

WEIGHTS = st.dictionaries(
    st.sampled_from(("", "~opening", "carry", "ema", "mean")),
    st.integers(-1_000, 1_000).map(Decimal),
    min_size=1,
)
TOTALS = st.decimals(-100_000, 100_000, places=3)


@settings(max_examples=60)
@given(total=TOTALS, weights=WEIGHTS, step=st.sampled_from((Decimal(1), CENT, SMALLEST)))
def test_shares_add_up_to_the_last_digit(
    total: Decimal, weights: dict[str, Decimal], step: Decimal
) -> None:
    """Whatever is held and whatever the step: nothing is created or lost."""
    assert sum(share(total, weights, step).values(), Decimal(0)) == total


@settings(max_examples=60)
@given(total=TOTALS, weights=WEIGHTS)
def test_no_share_is_a_step_beyond_its_part(total: Decimal, weights: dict[str, Decimal]) -> None:
    """Rounding gives or takes less than a step from anybody."""
    whole = sum(weights.values(), Decimal(0))
    if whole == 0:
        return
    shares = share(total, weights, CENT)
    for owner, weight in weights.items():
        assert abs(shares.get(owner, Decimal(0)) - total * weight / whole) <= CENT


@settings(max_examples=60)
@given(
    held=st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50).map(Decimal), min_size=1),
    factor=st.integers(2, 20),
)
def test_a_reverse_split_turns_nobody_around(held: dict[str, Decimal], factor: int) -> None:
    """Whoever held something holds none or a part of it, in whole lots."""
    whole = sum(held.values())
    shares = share(Decimal(int(whole / factor)) - whole, held, Decimal(1))
    after = {owner: quantity + shares.get(owner, 0) for owner, quantity in held.items()}
    assert all(0 <= after[owner] <= quantity for owner, quantity in held.items())
    assert sum(after.values()) == int(whole / factor)


def test_who_is_short_pays_what_who_is_long_receives() -> None:
    """A dividend on net 50 units belongs to +100 and to -50."""
    assert share(Decimal(25), {"long": Decimal(100), "short": Decimal(-50)}, CENT) == {
        "long": Decimal(50),
        "short": Decimal(-25),
    }


def test_what_nobody_holds_is_nobodys() -> None:
    """So is what cancels out: no strategy can be told to bear it."""
    assert share(Decimal(3), {}, CENT) == {NOBODY: Decimal(3)}
    assert share(Decimal(3), {"a": Decimal(1), "b": Decimal(-1)}, CENT) == {NOBODY: Decimal(3)}
