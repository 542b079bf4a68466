"""Breakers: what shuts a session, a strategy or a symbol by itself.

===============  =================================================================================
table            the states of a breaker, and what each event makes of them
breaker          what one breaker is: its scope, its table, its check, its way back
limits           what breakers are told
standing         what they remember
bands            prices between which no breaker that watches equity can trip
board            all breakers of one session: trips, timers, lowering, scanning
registry         every breaker, in the order in which they are asked
daily_loss       the day's loss
drawdown         the loss since the highest equity
pnl_jump         equity that moves too far at once
===============  =================================================================================
"""
