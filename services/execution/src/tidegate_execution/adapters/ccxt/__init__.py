"""Any exchange that ccxt speaks with, through ccxt.pro; proved with Binance spot and USD-M.

* `client`: ccxt's client at the right addresses, telling what the exchange really answered.
* `outcomes`: what a call can end with: refused, not found, unproven, never sent.
* `completeness`: what the answers must have, because ccxt makes something of what is missing.
* `orders`: from our specification to a call, and from ccxt's orders and trades to what they prove.
* `algo_service`: orders that wait for a trigger at Binance's contracts, and what they become.
* `income`: what Binance books by itself in an account of contracts.
* `port`: the venue's port: submit, cancel, query, account.
* `venue`: all of it for one session, with the private stream.
"""
