"""Settings of a session's risk: sizing and limits, their profiles, and what the machines are told.

* `fields`: the kinds of number that settings are
* `signals`, `sizing`, `orders`, `exposure`, `portfolio`: one group of settings each
* `breakers`: what shuts trading by itself, session-wide
* `limits`: all groups together, as ``limits:`` of a session holds them
* `profiles`: limits by a name
* `session`: what a session's decision machine and the gate machine are told
"""

from tidegate_risk.config.limits import RiskLimits
from tidegate_risk.config.profiles import PROFILES
from tidegate_risk.config.session import check, gate_parameters, parameters_of

__all__ = ["PROFILES", "RiskLimits", "check", "gate_parameters", "parameters_of"]
