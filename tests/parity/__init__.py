"""One session, several hosts, equal hashes: `make test-parity`.

========  ========================================================================================
ways      the ways to play a session: live, replayed from its journals, backtested by each engine
__main__  plays data by every way and seed, and compares
========  ========================================================================================
"""
