"""A property that is worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

S = TypeVar("S")
T = TypeVar("T")


class once(Generic[S, T]):  # noqa: N801 - it decorates like `property`
    """A property that is worked out when it is first asked for, and then is an attribute.

    `functools.cached_property` does the same under a lock, which costs more than most of these.
    """

    def __init__(self, function: Callable[[S], T]) -> None:
        self.function = function
        self.name = function.__name__
        self.__doc__ = function.__doc__

    def __get__(self, instance: S, owner: type[S]) -> T:
        value = self.function(instance)
        instance.__dict__[self.name] = value
        return value
