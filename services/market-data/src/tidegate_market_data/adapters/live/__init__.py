"""Live sources of closed bars, through their real clients.

* `provider`: what a source must offer.
* `feeding`: from a source into the feed's journal: warm-up, gaps, watchdog.
* `led`: the feed's shard as its source sees it.
* `opening`: the sources of a configuration.
* `values`: a venue's numbers in an instrument's scales.
* `alpaca/`: Alpaca's crypto and US equities.
* `ccxt/`: exchanges that ccxt speaks with.
"""
