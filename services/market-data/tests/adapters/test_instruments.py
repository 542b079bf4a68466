"""What a symbol of a file is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_chassis.configuration.models import InstrumentConfiguration
from tidegate_contracts.market import AssetClass, OptionRight
from tidegate_kernel.time import format_time
from tidegate_market_data.adapters.instruments import as_described, instrument_of


@pytest.mark.parametrize(
    ("symbol", "kind", "base", "quote"),
    [
        ("BTC/USDT", AssetClass.CRYPTO, "BTC", "USDT"),
        ("ETH/BTC", AssetClass.CRYPTO, "ETH", "BTC"),
        ("NEARUSDT", AssetClass.CRYPTO, "NEAR", "USDT"),
        ("SOL-USDC", AssetClass.CRYPTO, "SOL", "USDC"),
        ("AAPL", AssetClass.EQUITY, "AAPL", "USD"),
        ("BRK.B", AssetClass.EQUITY, "BRK.B", "USD"),
        ("USDT", AssetClass.EQUITY, "USDT", "USD"),
        ("/USD", AssetClass.EQUITY, "/USD", "USD"),
    ],
)
def test_a_symbol_tells_its_kind_and_currencies(
    symbol: str, kind: AssetClass, base: str, quote: str
) -> None:
    """Pairs are crypto, the rest are equities in USD."""
    found = instrument_of("f", "paper", symbol, 2, 0)
    assert (found.symbol, found.asset_class) == (symbol, kind)
    assert (found.base_currency, found.quote_currency) == (base, quote)


def test_tick_and_lot_are_the_smallest_steps_of_the_scales() -> None:
    """What the file can write may be ordered."""
    found = instrument_of("f", "paper", "BTC/USDT", 2, 6)
    assert (found.tick_size, found.lot_size) == (Decimal("0.01"), Decimal("0.000001"))
    assert found.min_quantity == found.lot_size
    assert found.tradable
    assert not found.shortable


def test_what_the_configuration_says_replaces_what_the_symbol_tells() -> None:
    """The rest stays; a kind of its own decides about shorts, a lot about the smallest quantity."""
    guessed = instrument_of("f", "paper", "XAUUSD", 2, 3)
    said = InstrumentConfiguration(
        symbol="XAUUSD",
        asset_class="crypto",
        base_currency="XAU",
        tick_size=Decimal("0.25"),
        lot_size=Decimal("0.01"),
        min_notional=Decimal(5),
    )
    found = as_described(guessed, said)
    assert (found.asset_class, found.shortable) == (AssetClass.CRYPTO, False)
    assert (found.base_currency, found.quote_currency) == ("XAU", "USD")
    assert (found.tick_size, found.lot_size) == (Decimal("0.25"), Decimal("0.01"))
    assert (found.min_quantity, found.min_notional) == (Decimal("0.01"), Decimal(5))
    assert (found.price_scale, found.size_scale) == (2, 3)
    assert as_described(guessed, None) == guessed


def test_an_options_symbol_tells_its_terms() -> None:
    """A contract of a hundred is the lot, and it lives until New York's close."""
    found = instrument_of("f", "paper", "SPY270115P00412500", 2, 0)
    assert (found.asset_class, found.base_currency) == (AssetClass.OPTION, "SPY")
    assert found.lot_size == found.min_quantity == 100
    assert found.shortable
    assert found.option is not None
    assert (found.option.right, found.option.strike) == (OptionRight.PUT, Decimal("412.5"))
    assert format_time(found.option.expires_at_ns) == "2027-01-15T21:00:00Z"
