"""The kernel's error tree.

::

    KernelError
    ├── MoneyError        a value is off its grid, not finite, or does not fit 64 bits
    ├── TimeError         a time or a timeframe cannot be read
    ├── IdentifierError   a name holds a character that subjects and keys cannot carry
    └── TransitionError   a state machine was given an event that its table forbids
"""


class KernelError(Exception):
    """Something reached the kernel that it must not accept."""


class MoneyError(KernelError, ValueError):
    """A value is off its grid, not finite, or does not fit 64 bits."""


class TimeError(KernelError, ValueError):
    """A time or a timeframe cannot be read."""


class IdentifierError(KernelError, ValueError):
    """A name holds a character that subjects and keys cannot carry."""


class TransitionError(KernelError):
    """A state machine was given an event that its table forbids."""
