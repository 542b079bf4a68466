"""Execution at venues outside is killed and frozen, and no order is lost or there twice.

============  ===================================================================================
places        Alpaca and Binance's contracts at the test venue: sessions, symbols, quotes
waves         bars and prices at both, which make strategies trade and trigger what waits
asking        what people order: stops, trails, protected entries, legs, extended hours
desk          people: they order it, and replace and cancel what rests
nursery       starts the execution service in milliseconds: imported once, forked for each start
stage         the instance: everything of it keeps running but execution, which the campaign starts
killing       kill -9 at any moment and at every named point, while the venue misbehaves
freezing      a leader falls asleep between its last check and the socket, and wakes too late
resting       coming to rest: no bars, no faults, until everything agrees
venue_books   the venue's orders as clients know them: triggered stops, legs
reckoning     what execution and the ledger say, compared with what the venue knows, to the unit
coverage      which kinds of orders execution has died over
============  ===================================================================================

`make test-crash-execution` runs `__main__`; the last line of its output is one JSON object.
"""
