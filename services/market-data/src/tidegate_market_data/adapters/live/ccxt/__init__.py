"""Bars of any exchange that ccxt speaks with; proved with Binance spot and USD-M.

* `completeness`: what the answers must have, because ccxt makes something of what is missing.
* `listings`: what a market is as an instrument.
* `provider`: all of it for one feed.
"""
