"""Settings of a session's risk: sizing and limits, their profiles, and what the machines are told.

* `fields`: the kinds of number that settings are
* `signals`, `sizing`, `orders`, `exposure`, `options`, `portfolio`: one group of settings each
* `blackouts`: how people write times in which nothing is opened
* `breakers`: what shuts trading by itself, session-wide
* `limits`: all groups together, as ``limits:`` of a session holds them
* `profiles`: limits by a name
* `environment`: limits by the names of environment variables
* `document`: limits written in one canonical way, and hashed
* `problems`: what is wrong with limits, with its place and bounds
* `session`: what a session's decision machine and the gate machine are told
"""

from tidegate_risk.config.limits import RiskLimits
from tidegate_risk.config.profiles import PROFILES
from tidegate_risk.config.session import (
    check,
    document_of,
    gate_parameters,
    parameters_of,
    problems_of,
    settings_of,
)

__all__ = [
    "PROFILES",
    "RiskLimits",
    "check",
    "document_of",
    "gate_parameters",
    "parameters_of",
    "problems_of",
    "settings_of",
]
