"""Turns what the lab says about options and data into a command's errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tidegate_chassis.configuration import ConfigurationError
from tidegate_cli.configured import Misconfigured, bad_data
from tidegate_cli.errors import Failed, Misused, Unreachable
from tidegate_lab.backtest.errors import OptionError
from tidegate_lab.sweep.errors import ServerError, SweepError
from tidegate_market_data.errors import DataError


@contextmanager
def readable() -> Iterator[None]:
    """Inside, an option or data that cannot be used end the command: 2 for usage, 5 for data.

    So do a register of trials that was changed, and workers that cannot work: 1; and a server that
    does not answer: 3.
    """
    try:
        yield
    except OptionError as error:
        raise Misused(
            "OPTION", str(error), expected=error.expected, found=error.found, hint=error.hint
        ) from None
    except ConfigurationError as error:
        raise Misconfigured(error.problems) from None
    except DataError as error:
        raise bad_data(error) from None
    except ServerError as error:
        hint = "start one there, or correct --nats"
        raise Unreachable(
            "NO_SERVER", str(error), expected=error.expected, found=error.found, hint=hint
        ) from None
    except SweepError as error:
        raise Failed("SWEEP", str(error)) from None
