"""Structures of options: what they are, and the least that they can be worth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_kernel.structures import Leg, faults_of, worth_least


def option(right: str, strike: int, day: str = "271217") -> str:
    """Return an option's symbol."""
    return f"AAPL{day}{right}{strike * 1000:08}"


def structure(*legs: tuple[str, int, int]) -> list[Leg]:
    """Return legs of right, strike and signed ratio."""
    return [Leg(option(right, k), 1 if n > 0 else -1, abs(n)) for right, k, n in legs]


CASES = {
    "call spread": ((("C", 100, 1), ("C", 110, -1)), 0),
    "call spread sold": ((("C", 100, -1), ("C", 110, 1)), -10),
    "put spread sold": ((("P", 100, 1), ("P", 110, -1)), -10),
    "straddle": ((("C", 100, 1), ("P", 100, 1)), 0),
    "straddle sold": ((("C", 100, -1), ("P", 100, -1)), None),
    "iron condor": ((("P", 90, 1), ("P", 95, -1), ("C", 105, -1), ("C", 112, 1)), -7),
    "butterfly": ((("C", 100, 1), ("C", 105, -2), ("C", 110, 1)), 0),
    "ratio spread": ((("C", 100, 1), ("C", 110, -2)), None),
    "puts in a ratio": ((("P", 100, 1), ("P", 90, -2)), -80),
}


@pytest.mark.parametrize("name", CASES)
def test_the_least_worth_is_that_of_the_textbooks(name: str) -> None:
    """A structure's worth at its expiry, at its worst price."""
    legs, least = CASES[name]
    assert worth_least(structure(*legs)) == (None if least is None else Decimal(least))


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from("CP"), st.integers(1, 30), st.sampled_from((-2, -1, 1, 2))),
        min_size=2,
        max_size=4,
    )
)
def test_no_price_makes_it_worth_less(legs: list[tuple[str, int, int]]) -> None:
    """Against every whole price, the strikes' among them; far away it falls without a bound."""

    def worth(price: int) -> int:
        return sum(n * max(price - k if right == "C" else k - price, 0) for right, k, n in legs)

    least = worth_least(structure(*legs))
    if least is None:
        assert worth(10_000) < worth(9_000)
    else:
        assert least == min(worth(price) for price in range(200))


def test_legs_of_several_expiries_have_no_bound() -> None:
    """What is left after the first expiry is no sum of straight lines."""
    legs = [Leg(option("C", 100), -1, 1), Leg(option("C", 100, "271218"), 1, 1)]
    assert worth_least(legs) is None
    assert faults_of(legs, "AAPL") == []


def test_every_fault_is_told() -> None:
    """With what was expected and found."""
    wrong = [Leg("MSFT", 0, 2), Leg("MSFT", 1, 0)]
    assert len(faults_of(wrong, "AAPL")) == 4
