"""Incremental features: each takes one value per bar and keeps only what the next one needs.

They are mutable structs, so a snapshot is their fields and a restored feature goes on bit for
bit. Values come in as the integers of market data. Sums of integers are exact, so nothing drifts
however long a feature runs; floats appear only where a feature divides or smooths.
"""

from __future__ import annotations

import math

import msgspec


class ExponentialAverage(msgspec.Struct, gc=False):
    """Exponential moving average with alpha = 2 / (length + 1), seeded with the first value."""

    length: int
    value: float = 0.0
    count: int = 0
    alpha: float = 0.0

    def __post_init__(self) -> None:
        """Divide once, not for every bar."""
        self.alpha = 2.0 / (self.length + 1)

    def update(self, value: float) -> float:
        """Take a value and return the average."""
        count = self.count
        self.count = count + 1
        average = self.value
        average = average + (value - average) * self.alpha if count else float(value)
        self.value = average
        return average

    @property
    def is_warm(self) -> bool:
        """Whether as many values came as the average is long."""
        return self.count >= self.length


class RollingMean(msgspec.Struct):
    """Mean and standard deviation of the last ``length`` integers, from exact sums."""

    length: int
    window: list[int] = []
    place: int = 0
    total: int = 0
    squares: int = 0

    def update(self, value: int) -> None:
        """Take a value; the oldest leaves when the window is full."""
        if len(self.window) < self.length:
            self.window.append(value)
        else:
            oldest = self.window[self.place]
            self.window[self.place] = value
            self.place = (self.place + 1) % self.length
            self.total -= oldest
            self.squares -= oldest * oldest
        self.total += value
        self.squares += value * value

    @property
    def is_warm(self) -> bool:
        """Whether the window is full."""
        return len(self.window) == self.length

    @property
    def mean(self) -> float:
        """Mean of the window, which must not be empty."""
        return self.total / len(self.window)

    @property
    def deviation(self) -> float:
        """Standard deviation of the window as a population (divided by its count)."""
        count = len(self.window)
        # n * sum(x^2) - sum(x)^2 is n^2 times the variance, and an exact integer.
        return math.sqrt(count * self.squares - self.total * self.total) / count


class RollingMaximum(msgspec.Struct):
    """Largest of the last ``length`` integers.

    ``values`` falls strictly: a value that came before a larger or equal one can never be the
    maximum again and is dropped, so each value enters and leaves once. ``ages`` holds the number
    of each value's bar.
    """

    length: int
    count: int = 0
    values: list[int] = []
    ages: list[int] = []

    def update(self, value: int) -> int:
        """Take a value and return the maximum."""
        values, ages = self.values, self.ages
        while values and values[-1] <= value:
            values.pop()
            ages.pop()
        values.append(value)
        ages.append(self.count)
        if ages[0] <= self.count - self.length:
            del values[0], ages[0]
        self.count += 1
        return values[0]

    @property
    def value(self) -> int:
        """The maximum; at least one value must have come."""
        return self.values[0]

    @property
    def is_warm(self) -> bool:
        """Whether the window is full."""
        return self.count >= self.length


class RollingMinimum(msgspec.Struct):
    """Smallest of the last ``length`` integers; see `RollingMaximum`."""

    length: int
    count: int = 0
    values: list[int] = []
    ages: list[int] = []

    def update(self, value: int) -> int:
        """Take a value and return the minimum."""
        values, ages = self.values, self.ages
        while values and values[-1] >= value:
            values.pop()
            ages.pop()
        values.append(value)
        ages.append(self.count)
        if ages[0] <= self.count - self.length:
            del values[0], ages[0]
        self.count += 1
        return values[0]

    @property
    def value(self) -> int:
        """The minimum; at least one value must have come."""
        return self.values[0]

    @property
    def is_warm(self) -> bool:
        """Whether the window is full."""
        return self.count >= self.length


class AverageTrueRange(msgspec.Struct, gc=False):
    """Average true range (J. Welles Wilder, New Concepts in Technical Trading Systems, 1978).

    The true range is max(high, previous close) - min(low, previous close). The first average is
    the mean of ``length`` true ranges; then average = (average x (length - 1) + range) / length.
    """

    length: int
    value: float = 0.0
    count: int = 0
    total: int = 0
    close: int = 0

    def update(self, high: int, low: int, close: int) -> None:
        """Take a bar."""
        if self.count:
            previous = self.close
            high = max(high, previous)
            low = min(low, previous)
        self.close = close
        self.count += 1
        length = self.length
        if self.count > length:
            self.value = (self.value * (length - 1) + (high - low)) / length
        else:
            self.total += high - low
            self.value = self.total / self.count

    @property
    def is_warm(self) -> bool:
        """Whether as many bars came as the average is long."""
        return self.count >= self.length
