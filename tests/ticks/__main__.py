"""Plays limit orders against trades and quotes, and against bars of the same trades.

``make test-ticks``; ``ARGS="--write"`` writes docs/reference/results/ticks.md, otherwise the
figures are printed. The last line is one JSON object. The exit code is 1 when away from the
extremes bars fill an order that ticks do not, or the other way round, and 2 when the captures are
not there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from decimal import Decimal

from tidegate_execution.core.paper.parameters import MatchingRules, QueueModel
from tidegate_kernel.money import plain, to_decimal, use_money_context

from .capture import DATA, SIZE_SCALE, Capture, capture_of
from .grid import around_extremes, by_bars, by_ticks, compare, outwards, takers_of, worse_bps
from .page import Row, Taken, figures, write

CAPTURES = {
    "BTCUSDT": ("20240808", "20240809"),
    "ETHUSDT": ("20240808",),
}
# Units in the scale of sizes: one that disappears in the flow, and one that does not.
SIZES = {"BTCUSDT": (100, 200_000), "ETHUSDT": (1_000, 4_000_000)}
GRIDS = {"outwards": outwards, "around the extremes": around_extremes}
RULES = {
    "what trades through": MatchingRules(),
    "what touches": MatchingRules(touch_fills=True),
    "what traded beyond": MatchingRules(queue=QueueModel.VOLUME),
    "a tenth of the volume": MatchingRules(volume_share=Decimal("0.1")),
}


def main(arguments: Sequence[str]) -> int:
    """Play all captures."""
    parser = argparse.ArgumentParser(prog="tests.ticks", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the page")
    asked = parser.parse_args(arguments)
    use_money_context()
    told, rows, taken = [], [], []
    for symbol, days in CAPTURES.items():
        files = [DATA / f"binance_spot_raw_ws_{symbol.lower()}_{day}.gz" for day in days]
        missing = [each for each in files if not each.is_file()]
        if missing:
            print(f"skipped: there is no {missing[0].name} in {DATA}", file=sys.stderr)
            return 2
        capture = capture_of(symbol, files)
        told.append(f"{symbol}: {len(capture.ticks):,} ticks, {len(capture.bars)} whole minutes")
        for quantity in SIZES[symbol]:
            rows += _limits(capture, quantity)
            taken.append(_takers(capture, quantity))
            print(f"{symbol}: orders of {quantity} played", file=sys.stderr)
    made = figures(told, rows, taken)
    if asked.write:
        write(made)
    else:
        print(made)
    differ = sum(_differ(each) for each in rows if _is_plain(each))
    print(json.dumps({"orders": sum(each.found.orders for each in rows), "differ": differ}))
    return 1 if differ else 0


def _is_plain(row: Row) -> bool:
    """Tell whether a row is of orders away from the extremes, filled as is the default."""
    return (row.limits, row.rules) == ("outwards", "what trades through")


def _differ(row: Row) -> int:
    return row.found.by_ticks + row.found.by_bars - 2 * row.found.both


def _limits(capture: Capture, quantity: int) -> list[Row]:
    units, symbol = plain(to_decimal(quantity, SIZE_SCALE)), capture.instrument.symbol
    rows = []
    for limits, made in GRIDS.items():
        orders = made(capture, quantity)
        ticks = by_ticks(capture, orders)
        for name, rules in RULES.items():
            found = compare(orders, ticks, by_bars(capture, orders, rules))
            rows.append(Row(symbol, limits, units, name, found))
    return rows


def _takers(capture: Capture, quantity: int) -> Taken:
    orders = takers_of(capture, quantity)
    ticks, bars = by_ticks(capture, orders), by_bars(capture, orders, MatchingRules())
    worse = [worse_bps(each, ticks[each.name], bars[each.name].price) for each in orders]
    units, symbol = plain(to_decimal(quantity, SIZE_SCALE)), capture.instrument.symbol
    mean = sum(worse, Decimal(0)) / len(worse)
    return Taken(symbol, units, len(orders), float(mean), float(max(worse)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
