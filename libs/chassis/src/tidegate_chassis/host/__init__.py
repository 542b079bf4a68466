"""The one live host: runs machines on NATS with a journal in Postgres.

==============  =================================================================================
definition      what a service says about each of its shards
envelope        what surrounds a message on the bus: identity, place in its channel, causes
engine          one shard's bookkeeping without I/O: inputs in, journal rows and messages out
journal         the shard's lease, journal, outbox, projections, audit and snapshots in Postgres
facts           what published messages leave behind: rows for queries, entries of the audit
queries         reading them again
recovery        snapshot + journal through the same machine again
standby         waiting for a lease, a step behind the journal of whoever holds it
forwarding      commands for a shard that another replica leads
bus             the connection to NATS
lane            its short way for what is said and heard thousands of times a second
channels        reading: every channel in its order, fast lane and stream made one
outbox          publishing what is committed until the stream has it
deferred        prices that change nothing: their journal rows wait for the next commit
lag             raises the gate when what a shard says does not get through
batches         many messages that the stream stores with one write to the disk
timing          the session's clock
shard           the loop of one shard on the wall's clock
rounds          the loop of one shard in a lockstep session
coordinator     the feed's side of lockstep: opens rounds and waits for reports
ports           how requests leave: to other shards of this process, or to the outside
tracer          spans of inputs, after the fact
api             /v1 and /admin of every service
service         one process: composition of all of the above
deploy          streams and durable consumers
crash           named crash points for the crash tests
==============  =================================================================================
"""
