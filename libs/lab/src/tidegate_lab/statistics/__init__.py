"""Honest statistics: pure functions over returns, equity and trades.

===========  =====================================================================================
curve        from an account's equity to returns per day
sharpe       the Sharpe ratio, its error, probabilistic and deflated, the track record it needs
bootstrap    confidence intervals by the stationary block bootstrap
overfitting  the probability of back-test overfitting (CSCV)
trade_order  drawdowns of the same trades in other orders
plateau      how much the neighbours of the best parameters keep
splits       walk-forward and combinatorial purged cross-validation
honest       what is said beside every Sharpe ratio
coverage     whether a value at risk was exceeded as often as it says (Kupiec, Christoffersen)
errors       what the statistics cannot be computed from
===========  =====================================================================================

Everything is deterministic: what draws at random takes a seed.
"""
