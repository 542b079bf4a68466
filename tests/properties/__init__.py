"""Random histories of one session: no limit is ever broken in the venue's own book.

=========  ========================================================================================
hosting    gate, risk, execution, paper venue and portfolio in memory; messages arrive in any order
session    the session, its limits, and its bars and signals
steps      what a history is made of, and how each step is played
promises   I01 to I05, asked at every decision, at every order that leaves, and of the venue's book
=========  ========================================================================================

`make test` plays a few histories, `make test-histories` 10,000.
"""
