"""From the kill to the last executing process that lets nothing out any more.

==========  =====================================================================================
market      a feed's messages, chained and numbered as market-data says them
executing   one process: a session's machines in the host's loop, the kill switch beside it
processes   six of them, and what they report
measured    the rounds: a kill behind 20,000 messages, and a bus that is gone
result      how much is measured, its figures, and what must hold of them
==========  =====================================================================================

`make bench-kill` runs `__main__`. All times are the machine's monotonic clock.
"""
