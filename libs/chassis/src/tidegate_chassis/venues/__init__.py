"""Where real venues are, and who we are there: all that several services must agree on.

* `errors`: what does not fit.
* `addresses`: full addresses of known hosts and loopback, and nothing else.
* `alpaca`: Alpaca's addresses and keys.
* `alpaca_streams`: what both kinds of its streams need.
* `budget`: what an account may still ask of its venue.
* `exchanges`: addresses and keys of the exchanges that ccxt speaks with.
"""
