"""Rules about options: known data, no expiry day, bounded losses, bounded Greeks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_contracts.execution import OrderState
from tidegate_contracts.market import AssetClass, Instrument, OptionGreeks, OptionRight, OptionTerms
from tidegate_contracts.signals import Direction
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import START_NS, Desk, bar, code, instrument, ordered, parameters

EXPIRY_NS = START_NS + 30 * NS_PER_DAY
TERMS = OptionTerms(
    underlying="AAPL", right=OptionRight.CALL, strike=Decimal(110), expires_at_ns=EXPIRY_NS
)
GREEKS = OptionGreeks(
    delta=Decimal("0.5"),
    gamma=Decimal("0.02"),
    vega=Decimal("0.3"),
    theta=Decimal("-0.1"),
    at_ns=START_NS,
)


def option(symbol: str = "CALL", **changes: Any) -> Instrument:  # noqa: ANN401
    """Return a call on AAPL; its price of 1 USD makes 10 % of the book 10,000 of them."""
    usual = {"asset_class": AssetClass.OPTION, "option": TERMS, "greeks": GREEKS}
    return instrument(symbol, **{**usual, **changes})


def desk_of(*options: Instrument, **limits: Any) -> Desk:  # noqa: ANN401
    """Return a desk with AAPL at 100 USD and options at 1 USD."""
    desk = Desk(parameters(short_allowed=True, **limits))
    for each in options:
        desk.tell(each)
        desk.tell(bar(each.symbol, close=100))
    return desk


def test_a_known_option_may_be_bought() -> None:
    """A tenth of the book at 1 USD each."""
    assert ordered(desk_of(option()).ask(symbol="CALL")).quantity == 10_000


def hold(desk: Desk, symbol: str, strategy: str = "ema") -> None:
    """Let a strategy buy 10,000 options at 1 USD."""
    verdict = desk.ask(symbol=symbol, strategy=strategy)
    desk.fill(verdict, 10_000, 1)
    desk.report(verdict, OrderState.FILLED, 10_000)


@pytest.mark.parametrize(
    "change",
    [
        {"option": None},
        {"greeks": None},
        {"option": msgspec.structs.replace(TERMS, underlying="MSFT")},
    ],
    ids=["terms", "greeks", "underlying"],
)
def test_an_option_of_which_something_is_missing_is_refused(change: dict[str, Any]) -> None:
    """All missing inputs refuse, also when only an option that is held lacks them."""
    assert code(desk_of(option(**change)).ask(symbol="CALL")) == Code.OPTION_DATA_MISSING
    desk = desk_of(option(), option("PUT"))
    hold(desk, "CALL")
    desk.tell(option(**change))
    assert code(desk.ask(symbol="PUT")) == Code.OPTION_DATA_MISSING
    assert code(desk.ask()) == "APPROVED"


def test_old_greeks_are_missing_greeks() -> None:
    """One nanosecond older than a price may be."""
    desk = desk_of(option(), price_age_max_ns=100)
    desk.now_ns += 100
    assert code(desk.ask(symbol="CALL")) == "APPROVED"
    desk.now_ns += 1
    desk.tell(bar("CALL", 100, desk.now_ns))
    assert code(desk.ask(symbol="CALL", strategy="other")) == Code.OPTION_DATA_MISSING


def test_an_underlying_at_zero_is_no_price() -> None:
    """Its Greeks in money would be nothing."""
    desk = desk_of(option())
    desk.tell(bar(close=0, end_ns=START_NS + 1))
    assert code(desk.ask(symbol="CALL")) == Code.OPTION_DATA_MISSING


@pytest.mark.parametrize(
    ("margin_ns", "expected"),
    [(30 * NS_PER_DAY - 1, "APPROVED"), (30 * NS_PER_DAY, Code.OPTION_EXPIRY)],
)
def test_an_option_is_not_opened_at_its_expiry(margin_ns: int, expected: str) -> None:
    """The margin itself is too late."""
    desk = desk_of(option(), option_expiry_margin_ns=margin_ns)
    assert code(desk.ask(symbol="CALL")) == expected


def test_an_option_is_not_sold_without_cover() -> None:
    """The loss would have no bound."""
    assert code(desk_of(option()).ask(Direction.SHORT, "CALL")) == Code.OPTION_RISK_UNDEFINED


LATER = msgspec.structs.replace(TERMS, expires_at_ns=EXPIRY_NS + 1, strike=Decimal(120))


@pytest.mark.parametrize(
    ("cover", "expected"),
    [
        (TERMS, "APPROVED"),
        (LATER, "APPROVED"),
        (msgspec.structs.replace(TERMS, expires_at_ns=EXPIRY_NS - 1), Code.OPTION_RISK_UNDEFINED),
        (msgspec.structs.replace(TERMS, right=OptionRight.PUT), Code.OPTION_RISK_UNDEFINED),
    ],
    ids=["same expiry", "later", "earlier", "put"],
)
def test_an_option_is_covered_by_one_that_lives_as_long(cover: OptionTerms, expected: str) -> None:
    """Same underlying and right, and not an earlier expiry."""
    desk = desk_of(option("SOLD"), option("HELD", option=cover))
    hold(desk, "HELD", "first")
    assert code(desk.ask(Direction.SHORT, "SOLD", "second")) == expected


def test_cover_counts_once_and_only_when_it_is_held() -> None:
    """An order on its way covers nothing, and what is sold already uses its cover up."""
    desk = desk_of(option("SOLD"), option("MORE"), option("HELD"))
    bought = desk.ask(symbol="HELD", strategy="first")
    assert code(desk.ask(Direction.SHORT, "SOLD", "second")) == Code.OPTION_RISK_UNDEFINED
    desk.fill(bought, 10_000, 1)
    assert code(desk.ask(Direction.SHORT, "SOLD", "third")) == "APPROVED"
    assert code(desk.ask(Direction.SHORT, "MORE", "fourth")) == Code.OPTION_RISK_UNDEFINED


def test_cover_of_another_underlying_is_none() -> None:
    """A call on something else bounds nothing."""
    other = option("HELD", option=msgspec.structs.replace(TERMS, underlying="HELD2"))
    desk = desk_of(option("SOLD"), other, instrument("HELD2"))
    hold(desk, "HELD", "first")
    assert code(desk.ask(Direction.SHORT, "SOLD", "second")) == Code.OPTION_RISK_UNDEFINED


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        # 10,000 calls move like 5,000 shares at 100 USD: 500,000 of a book of 100,000.
        ("option_delta_max_fraction", "5"),
        # 10,000 x 0.02 x 100 x 100 / 100 = 20,000.
        ("option_gamma_max_fraction", "0.2"),
        # 10,000 x 0.3 = 3,000, and 10,000 x 0.1 = 1,000.
        ("option_vega_max_fraction", "0.03"),
        ("option_theta_max_fraction", "0.01"),
    ],
)
def test_each_greek_binds_one_unit_beyond_its_limit(limit: str, value: str) -> None:
    """In money, as a share of equity."""
    exact = Decimal(value)
    assert code(desk_of(option(), **{limit: exact}).ask(symbol="CALL")) == "APPROVED"
    below = exact - Decimal("0.000001")
    assert code(desk_of(option(), **{limit: below}).ask(symbol="CALL")) == Code.OPTION_GREEKS


def test_the_greeks_of_all_options_add_up_in_their_worst_case() -> None:
    """An open order counts, and one of the opposite sign makes no room before it has filled."""
    against = msgspec.structs.replace(GREEKS, delta=Decimal("-0.5"))
    desk = desk_of(
        option("ONE"),
        option("TWO"),
        option("PUT", greeks=against),
        option_delta_max_fraction=Decimal(5),
    )
    desk.ask(symbol="ONE")
    put = desk.ask(symbol="PUT")
    assert code(desk.ask(symbol="TWO")) == Code.OPTION_GREEKS
    desk.fill(put, 10_000, 1)
    assert code(desk.ask(symbol="TWO", strategy="other")) == "APPROVED"


def test_a_share_has_no_greeks() -> None:
    """Rules about options do not bind it."""
    nothing = {f"option_{name}_max_fraction": Decimal(0) for name in ("delta", "vega", "theta")}
    assert code(desk_of(**nothing).ask()) == "APPROVED"
