"""Types of single fields, and what every model of the configuration has in common."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from tidegate_kernel.identifiers import checked_name
from tidegate_kernel.time import parse_duration, parse_time

BPS_MAX = 5_000


def _name(text: str) -> str:
    return checked_name(text, "a name")


def _timeframe(text: str) -> str:
    parse_duration(text)
    return text


def _basis_points(text: str) -> str:
    bps_of(text)
    return text


def bps_of(text: str) -> float:
    """Read basis points such as ``5bps`` or ``2.5bps``, from 0 to 5000."""
    number, unit = text.removesuffix("bps"), text[-3:]
    if unit == "bps" and number.replace(".", "", 1).isdecimal() and float(number) <= BPS_MAX:
        return float(number)
    message = f"expected basis points from 0bps to {BPS_MAX}bps, such as 5bps, found {text!r}"
    raise ValueError(message)


def _moment(text: str) -> str:
    parse_time(text)
    return text


Name = Annotated[
    str,
    AfterValidator(_name),
    Field(
        json_schema_extra={"pattern": "^[a-z0-9][a-z0-9_-]{0,62}$"},
    ),
]
Timeframe = Annotated[str, AfterValidator(_timeframe)]
Moment = Annotated[str, AfterValidator(_moment)]
BasisPoints = Annotated[str, AfterValidator(_basis_points)]
Options = dict[str, JsonValue]
Symbol = Annotated[str, Field(min_length=1, max_length=64)]


class Settings(BaseModel):
    """The base of every configuration model: frozen, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
