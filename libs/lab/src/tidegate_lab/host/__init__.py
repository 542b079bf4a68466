"""The machines of one session in one process, on an in-memory bus with virtual time.

=========  =======================================================================================
shard      one machine, its timers, and what waits for it
rounds     plays instants in rounds, as the live coordinator does
session    the shards of a configured session, declared by the services themselves
=========  =======================================================================================
"""
