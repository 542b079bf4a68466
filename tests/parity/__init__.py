"""One session, several hosts, equal hashes: `make test-parity`.

========  ========================================================================================
ways      the ways to play a session: live, replayed from its journals, backtested by each engine
commands  commands beside each other, which end with whoever started them
__main__  plays data by every way and seed, and compares
========  ========================================================================================
"""
