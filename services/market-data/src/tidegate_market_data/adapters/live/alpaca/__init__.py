"""Alpaca's bars: crypto, US equities and their options, a bar a minute.

* `clients`: alpaca-py's REST clients with a time limit, exact numbers and no repeats of their own.
* `listings`: what an asset is, and when its market is open.
* `sessions`: which hours' bars a feed gives, and how far back a number of them reaches.
* `options`: what an option contract is, and its Greeks.
* `bar_stream`: alpaca-py's data streams, telling when they listen.
* `provider`: all of it for one feed.
"""
