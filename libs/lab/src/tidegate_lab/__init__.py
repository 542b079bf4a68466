"""The one in-process host: it runs the services' own machines on an in-memory bus.

===========  =======================================================================================
backtest     options in, past bars played, a run folder with a tear sheet out
frames       the same machines, jumping over bars that cause nothing
host         the machines of one session, played in the same rounds as lockstep over NATS
judgement    what the services have to say about a configuration
lookahead    the detector: what is decided must not depend on what comes later
outcome      what a run ended with, counted and hashed: the same for the demo and every lab run
replay       recorded sessions: run again, looked into at any position, explained
simulate     hours of trading under faults, and what must hold in them
statistics   honest statistics: what is said beside every Sharpe ratio
sweep        many trials through the machines, a register that forgets none, workers
testing      a recorded session for tests, with no server
===========  =======================================================================================

No rule, fill, fee or limit is written here: all of them are the services' own.
"""
