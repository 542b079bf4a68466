from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from tidegate_chassis.configuration.wording import as_part, expected_in, found_in


def _odd(value: int) -> int:
    if value % 2 == 0:
        message = f"expected an odd number, found {value}, which is even"
        raise ValueError(message)
    return value


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")

    whole: int = Field(default=1, ge=1, le=5)
    share: float = Field(default=0.5, gt=0, lt=1)
    amount: Decimal = Field(default=Decimal(1), decimal_places=2)
    name: str = Field(default="a", min_length=1, max_length=3)
    names: list[str] = Field(default=["a"], min_length=1)
    kind: Literal["a", "b"] = "a"
    switch: bool = False
    odd: Annotated[int, AfterValidator(_odd)] = 1


@pytest.mark.parametrize(
    ("given", "expected", "found"),
    [
        ({"whole": 0}, "at least 1", "0"),
        ({"whole": 6}, "at most 5", "6"),
        ({"whole": "x"}, "a whole number", "'x'"),
        ({"share": 0}, "above 0", "0"),
        ({"share": 1}, "below 1", "1"),
        ({"amount": "0.001"}, "at most 2 decimal places", "'0.001'"),
        ({"name": ""}, "at least 1 character", "''"),
        ({"name": "abcd"}, "at most 3 characters", "'abcd'"),
        ({"names": []}, "at least 1 item", "an empty list"),
        ({"kind": "c"}, "one of 'a' or 'b'", "'c'"),
        ({"switch": "perhaps"}, "true or false", "'perhaps'"),
        ({"odd": 2}, "an odd number", "2, which is even"),
        ({"more": 1}, "no such field", "1"),
    ],
)
def test_what_was_expected_is_said_in_plain_words(
    given: dict[str, Any], expected: str, found: str
) -> None:
    """Nobody should have to know the library that judges."""
    with pytest.raises(ValidationError) as caught:
        _Model.model_validate(given)
    (detail,) = caught.value.errors()
    assert (expected_in(detail), found_in(detail)) == (expected, found)


def test_a_description_becomes_a_part_of_a_sentence() -> None:
    """Names and words in capitals keep them."""
    assert as_part("The sessions to run.") == "the sessions to run"
    assert as_part("OPEN or HALTED.") == "OPEN or HALTED"
    assert as_part("A file.") == "a file"
