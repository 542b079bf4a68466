"""Says what is wrong with a command line, and whose help to read."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError
from typer._click.exceptions import (
    BadParameter,
    ClickException,
    MissingParameter,
    NoSuchOption,
    UsageError,
)

from tidegate_chassis.configuration.wording import as_part, expected_in
from tidegate_cli.errors import Misused

_CODE: Final = "USAGE"


def misused(error: ClickException) -> Misused:
    """Return how a command ends whose line cannot be read."""
    context = error.ctx if isinstance(error, UsageError) else None
    hint = f"see `{context.command_path if context else 'tidegate'} --help`"
    if isinstance(error, BadParameter) and isinstance(error.__cause__, ValidationError):
        return _out_of_bounds(error, error.__cause__, hint)
    if isinstance(error, NoSuchOption) and error.option_name[1:2].isdigit():
        hint = "a number below 0 that is no option's comes last, behind two dashes: -- -10"
    if isinstance(error, MissingParameter) and error.param is not None:
        expected = str(getattr(error.param, "help", None) or "a value")
        message = error.format_message().rstrip(".")
        return Misused(_CODE, message, expected=as_part(expected), found="nothing", hint=hint)
    return Misused(_CODE, error.format_message(), hint=hint)


def _out_of_bounds(error: BadParameter, cause: ValidationError, hint: str) -> Misused:
    """Say the bounds in our words: the option, what it takes, and what came."""
    assert error.param is not None, "only a parameter's value is judged"
    option, detail = error.param.get_error_hint().strip("'"), cause.errors()[0]
    expected, found = expected_in(detail), str(detail["input"])
    message = f"{option}: expected {expected}, found {found}"
    return Misused(_CODE, message, expected=expected, found=found, hint=hint)
