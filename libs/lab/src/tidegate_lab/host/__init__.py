"""The machines of one session in one process, on an in-memory bus with virtual time.

=========  =======================================================================================
shard      one machine, its timers, and what waits for it
rounds     plays instants in rounds, as the live coordinator does
stretch    plays plain bars: a machine is called for those that mean something to it
session    the shards of a configured session, declared by the services themselves
collector  garbage collection while a session is played
=========  =======================================================================================
"""
