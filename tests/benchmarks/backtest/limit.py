"""The limit: the same rules as one compiled loop over arrays, without any machine around them.

It decides as our strategy does (its warm-up included), fills at the next open and takes the fee;
there is no risk, no order, no ledger. So its number of fills must be ours.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from tests.benchmarks.peers.played import CAPITAL, FEE, QUANTITY, Engine, Result, report

if TYPE_CHECKING:
    from numpy.typing import NDArray


def crossover(
    opened: NDArray[np.float64], close: NDArray[np.float64], fast: int, slow: int
) -> tuple[int, float]:
    """Return the number of fills, and the cash and the position's value at the end."""
    quick = calm = close[0]
    quick_share, calm_share = 2.0 / (fast + 1), 2.0 / (slow + 1)
    cash, held, fills = float(CAPITAL), 0, 0
    wanted, was_above = 0, False
    for place in range(len(close)):
        if wanted != held:
            value = (wanted - held) * opened[place]
            cash -= value + abs(value) * FEE
            held = wanted
            fills += 1
        quick += (close[place] - quick) * quick_share
        calm += (close[place] - calm) * calm_share
        above = quick > calm
        if above and not was_above and place >= slow - 1:
            wanted = QUANTITY
        elif quick < calm:
            wanted = 0
        was_above = above
    return fills, cash + held * close[-1]


def main(path: str, fast: int, slow: int, runs: int) -> None:
    """Measure."""
    bars = np.load(path)
    opened, close = bars[1] / 100, bars[4] / 100

    compiled: Any = numba.njit(crossover)

    def play() -> Result:
        fills, equity = compiled(opened, close, fast, slow)
        return Result(fills, equity)

    report(Engine("numba_limit", numba.__version__, len(close), play), runs)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
