"""Plays the value at risk of every day against what was then lost: ``make test-var``.

``ARGS="--write"`` writes docs/reference/results/var.md; otherwise the figures are printed. The last
line is one JSON object. The exit code is 1 when what decides orders is rejected in the first
period, 2 when the prices are not there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from .closes import DATA, Closes
from .page import figures, rejections, write
from .portfolios import PORTFOLIOS
from .rolling import Forecasts, forecasts_of

PERIODS = {
    "2008": ("2008-01-01", "2009-01-01"),
    "2008 to 2015": ("2008-01-01", "2016-01-01"),
}
DECIDES = "decides orders"


def main(arguments: Sequence[str]) -> int:
    """Play both periods."""
    parser = argparse.ArgumentParser(prog="tests.value_at_risk", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the page")
    asked = parser.parse_args(arguments)
    if not DATA.is_file():
        print(f"skipped: there is no {DATA.name} in {DATA.parent}", file=sys.stderr)
        return 2
    found = {period: _played(*days) for period, days in PERIODS.items()}
    made = figures(found)
    if asked.write:
        write(made)
    else:
        print(made)
    counted = {period: rejections(each) for period, each in found.items()}
    print(json.dumps({"rejected": counted}))
    return 0 if counted["2008"][DECIDES].startswith("0 ") else 1


def _played(first: str, last: str) -> dict[str, Forecasts]:
    played = {}
    for name, shares in PORTFOLIOS.items():
        values = dict(sorted(shares.items()))
        closes = Closes(DATA, tuple(values))
        days = range(closes.place_of(first), closes.place_of(last))
        played[name] = forecasts_of(closes, values, days)
        print(f"{name}: {len(days)} days from {first}", file=sys.stderr)
    return played


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
