"""Live feeds of market-data through real clients, at the test venue: gaps, drops, mute streams.

* `hosting`: a feed at work, with as much of a shard as it needs.
"""
