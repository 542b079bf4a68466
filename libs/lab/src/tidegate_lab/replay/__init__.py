"""Recorded sessions: run again, looked into at any position, explained.

============  ====================================================================================
archive       a recording in Parquet files with their hashes
definitions   the machines of a recorded session, as this code makes them
verify        the same inputs through this code, compared with the record input by input
difference    one input that came to something else, both versions side by side
causes        what an input was caused by, back to the world outside
listening     a machine whose effects are kept
state         the state of a shard at any position
explain       from an order's fills back to the bars that it came from
readable      messages as documents
============  ====================================================================================

What a recording is, and how it is read, is in `tidegate_chassis.recorded`. Nothing here is ever
published, sent or written into a database.
"""
