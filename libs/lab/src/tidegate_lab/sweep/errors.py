"""The error tree of sweeps.

::

    SweepError            a sweep cannot be done
    ├── RegisterError     the register of trials was changed by something else than trials
    ├── ServerError       no nats-server answers where the sweep and its workers should meet
    └── DisagreementError the same trial gave two results

An option that cannot be read is the back-test's `OptionError`.
"""

from __future__ import annotations


class SweepError(Exception):
    """A sweep cannot be done."""


class RegisterError(SweepError):
    """The register of trials was changed by something else than trials."""

    def __init__(self, path: object, expected: str, found: str) -> None:
        """Name the file, what should stand there and what does."""
        super().__init__(
            f"{path}: expected {expected}, found {found}; a trial was removed or changed. Bring "
            "the file back from a backup: the number of trials decides what a Sharpe ratio is worth"
        )


class ServerError(SweepError):
    """No nats-server answers where the sweep and its workers should meet."""

    def __init__(self, url: str, found: str) -> None:
        """Name the address and what came of asking there."""
        self.expected, self.found = f"a nats-server that answers at {url}", found
        super().__init__(f"expected {self.expected}, found {found}")


class DisagreementError(SweepError):
    """The same trial gave two results: machines that trade would differ too."""
