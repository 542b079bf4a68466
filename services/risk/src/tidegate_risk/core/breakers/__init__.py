"""Breakers: what shuts a session, a strategy or a symbol by itself.

================  =================================================================================
table             the states of a breaker, and what each event makes of them
breaker           what one breaker is: its scope, its table, its check, its way back
limits            what breakers are told
standing          what they remember
bands             prices between which no breaker that watches equity can trip
board             trips, timers, lowering: how they move
watch             when they are looked at
recovery          how sizes grow back
results           trades that were won and lost
registry          every breaker, in the order in which they are asked
daily_loss        the day's loss
drawdown          the loss since the highest equity
pnl_jump          equity that moves too far at once
losing_streak     a strategy that loses trade after trade
cooldown          a symbol rests after losses
overtrading       a strategy that opens too much in a day
flash_crash       a symbol that falls or rises very far within a few bars
volatility_shock  a symbol that moves many times as much as it used to
spread            bid and ask too far apart
stale_prices      a held symbol is silent while its venue goes on
price_divergence  a fill far from the price that risk knows
venue_rejects     the venue rejects one order after the other
unreconciled      an account that differs from the venue's
================  =================================================================================
"""
