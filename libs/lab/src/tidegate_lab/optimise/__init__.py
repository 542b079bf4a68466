"""Target weights by portfolio optimisation, and what risk says to the orders that lead to them.

===========  =====================================================================================
desk         a decision machine to ask: one that has heard past bars, or a recorded session's
history      the returns that it decides by, as a matrix
objectives   maximum Sharpe, minimum variance, hierarchical and plain risk parity, minimum CVaR
rebalancing  from weights to orders, each asked of a copy of the machine
plan         all of it: weights, what they would have been like, orders with their answers
errors       what cannot be optimised, and why
===========  =====================================================================================

Nothing is ordered: a plan is read by people. The weights come from past returns alone, and the one
word on every order is risk's.
"""
