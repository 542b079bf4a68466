"""The host's error tree.

::

    HostError
    ├── LeaseLost          another holder leads this shard now
    ├── JournalRefused     the journal and this code or configuration do not fit: nothing runs
    │   └── OtherCore      another version of the core wrote it: that one finishes it
    ├── StreamAhead        the stream holds messages that the journal does not: a restored backup
    ├── ChannelBroken      a channel forks: two different messages claim one place
    ├── PortUnavailable    a request provably did not leave
    └── UndeclaredSubject  a message has no place in proto/subjects
"""


class HostError(Exception):
    """Something that stops a shard."""


class LeaseLost(HostError):
    """Another holder leads this shard now."""


class JournalRefused(HostError):
    """The journal and this code or configuration do not fit: nothing runs."""


class OtherCore(JournalRefused):
    """Another version of the core wrote the journal's tail: that one finishes it."""


class StreamAhead(HostError):
    """The stream holds messages that the journal does not: a restored backup."""


class ChannelBroken(HostError):
    """A channel forks: two different messages claim one place."""


class PortUnavailable(HostError):
    """A request provably did not leave."""


class UndeclaredSubject(HostError):
    """A message has no place in proto/subjects."""
