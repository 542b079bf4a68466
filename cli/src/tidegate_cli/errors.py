"""What a command can end with; each kind has its exit code.

::

    CommandError
    ├── Failed         1  the command was carried out and did not succeed
    ├── Misused        2  usage or configuration
    ├── Unreachable    3  nothing runs, or it does not answer
    ├── Refused        4  the gate, a permission, the second principal
    └── BadData        5  a data file cannot be used
"""

from __future__ import annotations

from typing import ClassVar


class CommandError(Exception):
    """A command ends here; the message says what was expected, found and to do."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self, code: str, message: str, *, expected: str = "", found: str = "", hint: str = ""
    ) -> None:
        assert code == code.upper() and " " not in code, f"a code, not a sentence: {code}"  # noqa: PT018
        super().__init__(message)
        self.code = code
        self.message = message
        self.expected = expected
        self.found = found
        self.hint = hint

    def document(self) -> dict[str, object]:
        """Return the error as ``--json`` prints it."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "expected": self.expected,
                "found": self.found,
                "hint": self.hint,
            }
        }


class Failed(CommandError):
    """The command was carried out and did not succeed."""


class Misused(CommandError):
    """The command line or the configuration is wrong."""

    exit_code = 2


class Unreachable(CommandError):
    """Nothing runs, or it does not answer."""

    exit_code = 3


class Refused(CommandError):
    """The gate, a permission or the rule of two principals stands against it."""

    exit_code = 4


def another_must_approve(request: str, until: str, approve: str, more: str = "") -> Refused:
    """Return how a command ends whose request waits for another principal.

    `approve` is the command that approves it; `more` ends the sentence.
    """
    return Refused(
        "SECOND_PRINCIPAL_NEEDED",
        f"request {request} is filed and waits for another principal until {until}{more}",
        expected="the approval of another principal",
        found="one principal",
        hint=f"{approve} --as approver",
    )


class BadData(CommandError):
    """A data file cannot be used."""

    exit_code = 5
