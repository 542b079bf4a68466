"""Orders a second, and what a venue call costs beyond the bare client.

==========  =====================================================================================
paper       the paper venue's core alone: taken, then filled by the next bar
live        the live services, one session in lockstep, an order at every turn
calls       an order through our ports beside alpaca-py and ccxt, in turns
result      everything measured, printed, and as a part of the result
==========  =====================================================================================

`make bench-orders` runs `__main__`.
"""
