"""An approval tells every step from the wish to the size, with its numbers and units."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tidegate_contracts.execution import OrderState
from tidegate_contracts.risk import Decision
from tidegate_contracts.signals import Direction
from tidegate_risk.testing import Desk

from .cases import daily, desk, limit_at

if TYPE_CHECKING:
    from tidegate_contracts.risk import Verdict

SIZED: dict[str, Any] = {
    "stop_range_multiple": "2",
    "take_profit_range_multiple": "3",
    "volatility_target_fraction": "0.03",
    "kelly_enabled": True,
    "kelly_fraction": "0.25",
    "kelly_size_min_fraction": "0.02",
    "confidence_size_min_fraction": "0.25",
    "exposure_taper_start_fraction": "0.001",
    "gross_exposure_max_fraction": "1",
    "taper_size_min_fraction": "0.25",
    "correlation_size_min_fraction": "0.5",
    "correlation_threshold": "0.7",
    "drawdown_shrink_percent": "0.01",
    "drawdown_size_fraction": "0.5",
    "launch_ramp_ns": 400 * 86_400 * 10**9,
    "launch_size_fraction": "0.5",
}


def measured() -> Desk:
    """Return a desk with a past, ten trades of the strategy, and MSFT held by another."""
    made = desk(**SIZED)
    made.ask(Direction.FLAT)
    made.ask(Direction.FLAT, symbol="TSLA")
    daily(made)
    for number in range(10):
        made.now_ns += 1
        for direction, price in (
            (Direction.LONG, 100),
            (Direction.FLAT, 104 if number % 2 else 98),
        ):
            verdict = made.ask(direction, "TSLA")
            made.fill(verdict, 1, price)
            made.report(verdict, OrderState.CANCELLED, filled=1)
    made.hold("MSFT", "first")
    made.now_ns += 1
    return made


def told(verdict: Verdict) -> dict[str, str]:
    """Return the sizing's numbers with their units."""
    assert verdict.decision == Decision.APPROVED, verdict.refusal
    return {each.name: f"{each.value.normalize():f} {each.unit}" for each in verdict.numbers}


def test_every_step_is_told() -> None:
    """Offers, the smallest of which counts, scales, and what is left after both."""
    verdict = measured().ask(confidence=0.5, **limit_at("99.5"))
    found = told(verdict)
    assert {name: found.get(name, "") for name in STEPS} == STEPS
    assert verdict.specification is not None
    order = verdict.specification
    assert (order.limit_price, order.stop_price, order.take_profit_price) == PRICES


STEPS = {
    "quantity_by_fraction": "100.50251256 AAPL",
    "quantity_by_stop": "262.76098735 AAPL",
    "stop_distance": "3.80574 USD",
    "average_range": "1.90287 USD",
    "quantity_by_volatility": "77.9937704 AAPL",
    "volatility_yearly": "0.386579 fraction",
    "quantity_by_kelly": "3140.70351759 AAPL",
    "trades_measured": "10 trades",
    "win_rate": "0.5 fraction",
    "win_mean": "0.04 fraction",
    "loss_mean": "0.02 fraction",
    "kelly_share": "12.5 fraction",
    "scale_by_confidence": "0.625 fraction",
    "confidence": "0.5 fraction",
    "scale_by_exposure": "0.9632 fraction",
    "exposure_before": "5000 USD",
    "scale_by_daily_loss": "1 fraction",
    "scale_by_correlation": "0.5316 fraction",
    "correlation": "0.981024297 fraction",
    "scale_by_drawdown": "1 fraction",
    "drawdown": "0 percent",
    "scale_by_ramp": "1 fraction",
    "scale_by_launch": "0.6512 fraction",
    "target_quantity": "16 AAPL",
}
PRICES = (Decimal("99.5"), Decimal("95.69"), Decimal("105.21"))
