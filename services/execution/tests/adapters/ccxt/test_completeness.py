"""What Binance's answers must have, shown without any recording."""

from __future__ import annotations

import re

import pytest
from tests.venues.recordings import damaged, fields_of, named

from tidegate_execution.adapters.ccxt.completeness import (
    CONTRACT_TRADE,
    ORDER,
    POSITION,
    SPOT_TRADE,
    require,
    require_balances,
    require_positions,
    require_report,
)
from tidegate_execution.adapters.ccxt.outcomes import Unproven

SPOT = {"balances": [{"asset": "BTC", "free": "1", "locked": "0"}]}
CONTRACTS = {"assets": [{"asset": "USDT", "marginBalance": "1"}]}
SPOT_REPORT = {"e": "executionReport", "s": "BTCUSDT", "c": "a", "C": "", "i": 1}
CONTRACT_REPORT = {"e": "ORDER_TRADE_UPDATE", "o": {"s": "BTCUSDT", "c": "a", "i": 1}}
WAITING_REPORT = {"e": "ALGO_UPDATE", "o": {"s": "BTCUSDT", "caid": "a", "aid": 1}}
RISK = "https://fapi.binance.com/fapi/v3/positionRisk?timestamp=1"


@pytest.mark.parametrize("names", [ORDER, SPOT_TRADE, CONTRACT_TRADE])
def test_what_is_missing_in_what_ccxt_has_read_is_named(names: tuple[str, ...]) -> None:
    """Of Binance; of other exchanges ccxt is believed."""
    whole = dict.fromkeys(names, "1")
    require("binance", {"info": whole}, names)
    for name in names:
        for now in damaged(whole, (name,)):
            with pytest.raises(Unproven, match=named((name,))):
                require("binance", {"info": now}, names)
            require("another", {"info": now}, names)


@pytest.mark.parametrize(("account", "contracts"), [(SPOT, False), (CONTRACTS, True)])
def test_an_account_has_its_list(account: dict[str, object], *, contracts: bool) -> None:
    """An account without one is not an account that holds nothing."""
    require_balances("binance", {"info": account}, contracts=contracts)
    for field in fields_of(account):
        for now in damaged(account, field):
            with pytest.raises(Unproven, match=named(field)):
                require_balances("binance", {"info": now}, contracts=contracts)
    listed = next(iter(account))
    with pytest.raises(Unproven, match=f"{listed} of the account as a list"):
        require_balances("binance", {"info": {listed: {}}}, contracts=contracts)


@pytest.mark.parametrize("name", POSITION)
def test_a_position_is_whole(name: str) -> None:
    """Without its value a short one would be read as long, without its price not at all."""
    whole = [dict.fromkeys(POSITION, "1")]
    require_positions("binance", RISK, whole)
    for now in damaged(whole, (0, name)):
        with pytest.raises(Unproven, match=named((name,))):
            require_positions("binance", RISK, now)
        require_positions("binance", "https://fapi.binance.com/fapi/v3/account", now)
    with pytest.raises(Unproven, match="expected positions as a list"):
        require_positions("binance", RISK, {"code": 1})


@pytest.mark.parametrize("report", [SPOT_REPORT, CONTRACT_REPORT, WAITING_REPORT])
def test_a_report_names_its_order(report: dict[str, object]) -> None:
    """A message of another kind is not looked at."""
    require_report("binance", report)
    require_report("binance", {"e": "listStatus"})
    for field in [each for each in fields_of(report) if each != ("e",)]:
        for now in damaged(report, field):
            with pytest.raises(Unproven) as told:
                require_report("binance", now)
            assert re.search(named(field), str(told.value))
