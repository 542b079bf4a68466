"""The failover test: risk's leader is killed, frozen and cut off, under a steady stream of signals.

==========  =====================================================================================
session     the instance with two replicas of risk, its signals, and its end
ear         what risk says on the bus, with the time at which it was heard
killing     kill -9 of the leader, again and again
freezing    the leader sleeps, also between decision and commit and between commit and publication
stalling    nats-server hangs for ten seconds
stale       what execution took of leaders that had lost their lease
figures     percentiles, and what must hold
==========  =====================================================================================

`make test-failover` runs `__main__`; the last line of its output is one JSON object.
"""
