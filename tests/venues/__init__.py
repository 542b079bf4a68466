"""A test venue on loopback: Alpaca and Binance as their own clients see them, with planned faults.

* `server`: `TestVenue`, everything behind one port; `python -m tests.venues` runs it by hand.
* `exchange/`: the books and accounts behind the protocols.
* `alpaca/`, `binance/`: the protocols.
* `faults`, `faulty`, `streams`: what goes wrong on purpose, for requests and for streams.
* `administration`: the same over HTTP, for people and other processes.
* `keys`: the one key pair that the venue knows.
* `clients`: the real clients, pointed at the venue.
* `environment`: what to export so that Tidegate talks to it.
* `recordings`, `recording_decisions`: what was recorded of the real venues, and who reads it.

Only real clients talk to it: alpaca-py and ccxt. What it speaks was checked against recorded
payloads (`test_recorded_shapes`).
"""
