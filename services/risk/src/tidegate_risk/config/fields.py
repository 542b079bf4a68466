"""The kinds of number that settings are.

Fractions are of 1, percents of 100, money is in the session's currency. Durations named ``_s``
are seconds, and become ``_ns`` in the core's `Limits`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[Decimal, Field(gt=0, le=1)]
FractionOrZero = Annotated[Decimal, Field(ge=0, le=1)]
Multiple = Annotated[Decimal, Field(gt=0, le=10)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Group(BaseModel):
    """A group of settings: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
