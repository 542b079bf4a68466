"""The `tidegate` command: reads the command line, runs one command, ends with its exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tidegate_cli.errors import CommandError, Failed, Misused
from tidegate_cli.output import Output

JSON_FLAG = "--json"
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. ``--json`` may stand anywhere in it."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    output = Output(json=JSON_FLAG in given)
    try:
        return _run([each for each in given if each != JSON_FLAG], output)
    except CommandError as error:
        output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        output.error(Failed("INTERRUPTED", "interrupted"))
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _run(arguments: list[str], output: Output) -> int:
    import typer
    from typer._click.exceptions import ClickException, NoArgsIsHelpError

    from tidegate_cli.application import application

    command = typer.main.get_command(application)
    try:
        code = command.main(arguments, "tidegate", standalone_mode=False, obj=output)
    except NoArgsIsHelpError as error:
        output.progress(error.format_message())
        return Misused.exit_code
    except ClickException as error:
        from tidegate_cli.usage import misused

        raise misused(error) from None
    except typer.Abort:
        raise KeyboardInterrupt from None
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
