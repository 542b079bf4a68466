"""Bars of any exchange that ccxt speaks with; proved with Binance spot and USD-M.

* `listings`: what a market is as an instrument.
* `provider`: all of it for one feed.
"""
