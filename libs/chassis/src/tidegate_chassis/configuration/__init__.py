"""Settings: `tidegate.yaml` with its checks, the environment, secrets and the home folder."""

from tidegate_chassis.configuration.document import Origin
from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.home import Layout, tidegate_home
from tidegate_chassis.configuration.loader import (
    Loaded,
    dump,
    find_configuration,
    load,
    load_configuration,
    show,
)
from tidegate_chassis.configuration.models import (
    SERVICE_NAMES,
    Configuration,
    FeedConfiguration,
    Money,
    ServiceConfiguration,
    ServicesConfiguration,
    Session,
    StrategyConfiguration,
)
from tidegate_chassis.configuration.problem import (
    ConfigurationError,
    ConfigurationMissingError,
    Problem,
)
from tidegate_chassis.configuration.runtime import Runtime, process_name
from tidegate_chassis.configuration.secrets import masked, read_secret

__all__ = [
    "SERVICE_NAMES",
    "Configuration",
    "ConfigurationError",
    "ConfigurationMissingError",
    "Environment",
    "FeedConfiguration",
    "Layout",
    "Loaded",
    "Money",
    "Origin",
    "Problem",
    "Runtime",
    "ServiceConfiguration",
    "ServicesConfiguration",
    "Session",
    "StrategyConfiguration",
    "dump",
    "find_configuration",
    "load",
    "load_configuration",
    "masked",
    "process_name",
    "read_secret",
    "show",
    "tidegate_home",
]
