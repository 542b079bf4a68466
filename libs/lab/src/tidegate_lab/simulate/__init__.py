"""Hours of trading under faults: the live host and the services' machines in a simulated world.

==========  ======================================================================================
loop        a deterministic event loop: virtual time, processes that die and pause
clock       the host's clocks, virtual
database    a service's Postgres, in memory
network     a nats-server, in memory
process     one service's process: the live host, unchanged
execution   the process of execution, with its guard and kill switch
venue       a venue in the outside world
session     the session of an hour: symbols, strategies, limits, seeded bars
options     options on one of the symbols, and structures of them
world       everything that exists in one hour
plan        what goes wrong, drawn from the hour's seed
faults      how each kind of fault acts on the world
people      people at the kill switch
trading     a person who trades structures of options by hand
hour        one hour: start, storm, quiet, judgement
evidence    what an hour has left behind
invariants  what must hold, one file for each
goals       what the workload must reach sometimes
mutants     deliberate mistakes that must be caught
campaign    many hours, in any order, with the same totals
shrinking   from a plan that breaks an invariant to a small one that still does
==========  ======================================================================================
"""
