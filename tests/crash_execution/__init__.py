"""Execution at venues outside is killed and frozen, and no order is lost or there twice.

==========  =====================================================================================
places      Alpaca's crypto and Binance's contracts at the test venue: sessions, bars, quotes
nursery     starts the execution service in milliseconds: imported once, forked for each start
stage       the instance: everything of it keeps running but execution, which the campaign starts
killing     kill -9 at any moment and at every named point, while the venue misbehaves
freezing    a leader falls asleep between its last check and the socket, and wakes too late
resting     coming to rest: no bars, no faults, until everything agrees
reckoning   what execution and the ledger say, compared with what the venue knows, to the unit
==========  =====================================================================================

`make test-crash-execution` runs `__main__`; the last line of its output is one JSON object.
"""
