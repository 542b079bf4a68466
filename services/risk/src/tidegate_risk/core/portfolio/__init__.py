"""What the book could lose, from the returns of what it holds: measured before every order.

===========  =====================================================================================
window       closes at declared steps of event time, and the returns between them
sampling     when closes are sampled, bar by bar and in columns
shrinkage    covariance with shrinkage (Ledoit and Wolf)
tails        VaR and CVaR of profits: historical and parametric
estimates    volatilities, correlations and profits of a book at one moment
exposure     today's book in money, open orders at their worst
heat         what all stops would cost
stress       what the scenarios would cost
monte_carlo  VaR and CVaR by simulation
health       every measure of the book at one moment, for people
marginal     each measure without an order, with it, and its limit
state        what is remembered, and when estimates are worked out
===========  =====================================================================================

The rules that refuse are in `core/rules`: `concentration`, `portfolio_heat`, `stress_loss`,
`estimate_fresh`, `correlated_exposure`, `var_limit`, `cvar_limit`.
"""
