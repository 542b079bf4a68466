"""The decision machine: one verdict for every signal.

* `machine`: events in, verdicts out
* `state`: what it remembers, and how older snapshots are read
* `numbers`, `portfolio_numbers`: what a verdict was decided on
* `asking`: what it would say to an order, without any effect
* `trying`: the same machine under other limits
"""
