"""Alpaca's protocol in front of an exchange.

* `shapes`: orders, positions, account and updates as Alpaca writes them.
* `tickets`: what a client posts, read into tickets; refusals as Alpaca words them.
* `order_classes`: what it asks of orders with exits.
* `multi_leg`: an order of several legs, read and checked.
* `trading`: REST under `/v2`.
* `activities`: fills, and what the venue has booked by itself.
* `updates`: the stream of `trade_updates`.
* `history`: bars over REST.
* `answered`: alpaca-py answered from documents, without the venue.
* `market_streams`: bars, trades and quotes as MessagePack or JSON.
"""
