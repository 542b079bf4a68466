"""Binance's protocol in front of two exchanges: spot (`/api`) and USD-M contracts (`/fapi`).

* `shapes`: orders, trades, accounts and reports as Binance writes them.
* `tickets`: what a client sends, read into tickets; refusals as Binance words them.
* `signing`: key, timestamp, receive window and signature of a request.
* `endpoints`: REST of both.
* `algo_service`, `algo_endpoints`: where conditional orders of contracts wait, and its REST.
* `income`: what moved the wallet of contracts.
* `listings_documents`: `exchangeInfo`.
* `market_streams`: trades, books and klines.
* `answered`: ccxt answered from documents, without the venue.
* `user_streams`: the websocket API's signed subscription, and listen keys.
"""
