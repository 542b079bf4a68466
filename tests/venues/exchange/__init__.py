"""An exchange in memory: what the protocol faces speak for.

* `orders`: what a client asks for, and what became of it.
* `listings`: what can be traded, and on which grid.
* `habits`: how one venue differs from another: ids, fees, settlement, leftovers.
* `market`: one symbol's book: outside liquidity, our resting orders, the last price.
* `account`: balances, positions, what open orders hold back.
* `hours`: what is traded when.
* `choices`: a target and a stop of which only one fills.
* `structures`: orders of several legs.
* `bookings`: what the venue books by itself: dividends, splits, funding, options that are used.
* `exchange`: all of it together; the only thing that the faces call.
"""
