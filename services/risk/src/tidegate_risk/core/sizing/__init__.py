"""How much: offers of which the smallest counts, scales that shrink it, and its way out.

Each step is a pure function in a file of its own. `plan` holds them in their declared order:

1. Offers, each a quantity. The smallest is the size: `fixed_fraction`, `stop_distance`,
   `volatility_target`, `kelly`. One whose input is not known offers nothing.
2. Scales, each a factor from 0 to 1 that shrinks the size: `confidence`, `exposure`, `daily_loss`,
   `correlation`, `drawdown`, `ramp`, `launch`. `taper` is the straight line that several are.
3. Rounding down to the lot.

`entry` is what they are asked about, `average_range` and `exits` measure its stop and its
take-profit, `display` is what an iceberg of it shows, and `target` makes the order of it. The
verdict carries every step's numbers.
"""
