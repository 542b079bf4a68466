"""What counts as a gap."""

from __future__ import annotations

import pytest

from tidegate_contracts.market import AssetClass
from tidegate_kernel.time import parse_duration, parse_time
from tidegate_market_data.core.calendar import is_gap, may_close


def _gap(kind: AssetClass, timeframe: str, first: str, second: str) -> bool:
    starts = parse_time(first)[0], parse_time(second)[0]
    return bool(is_gap(may_close(kind), parse_duration(timeframe), *starts))


@pytest.mark.parametrize(
    ("kind", "timeframe", "first", "second", "gap"),
    [
        # Friday to Monday, and to the Tuesday after a holiday.
        (AssetClass.EQUITY, "1d", "2024-01-12T00:00Z", "2024-01-15T00:00Z", False),
        (AssetClass.EQUITY, "1d", "2024-01-12T00:00Z", "2024-01-16T00:00Z", False),
        # 10 to 17 September 2001.
        (AssetClass.EQUITY, "1d", "2001-09-10T00:00Z", "2001-09-17T00:00Z", True),
        (AssetClass.CRYPTO, "1d", "2024-01-12T00:00Z", "2024-01-13T00:00Z", False),
        (AssetClass.CRYPTO, "1d", "2024-01-12T00:00Z", "2024-01-14T00:00Z", True),
        # One session's last minute to the next one's first.
        (AssetClass.EQUITY, "1m", "2024-01-11T20:59Z", "2024-01-12T14:30Z", False),
        (AssetClass.EQUITY, "1m", "2024-01-11T15:00Z", "2024-01-11T15:02Z", True),
        (AssetClass.CRYPTO, "5m", "2023-03-24T12:35Z", "2023-03-24T13:55Z", True),
        (AssetClass.CRYPTO, "5m", "2023-03-24T12:35Z", "2023-03-24T12:40Z", False),
    ],
)
def test_a_gap_is_a_missing_bar_of_an_open_market(
    kind: AssetClass, timeframe: str, first: str, second: str, *, gap: bool
) -> None:
    """Closed markets leave no gap, and an outage does."""
    assert _gap(kind, timeframe, first, second) is gap
