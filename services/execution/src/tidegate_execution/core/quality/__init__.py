"""Execution quality: what it cost to get orders executed, and how often they were.

* `executed`: one execution.
* `ended`: an order that has ended, with its executions: what everything here is computed from.
* `structures`: an order with legs as executions of whole structures at their net price.
* `measures`: the figures of one order, each a pure function with its source.
* `summary`: the figures of many orders, added up per session, venue and strategy.

Live rows and a backtest's messages both become `ended.Ended`, so there is one truth.
"""
