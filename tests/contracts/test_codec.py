"""Messages survive the wire; what breaks the contract does not pass."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tidegate_contracts import codec
from tidegate_contracts._wire.checks import decimal_of, decimal_text
from tidegate_contracts.errors import DecimalError, MemberError, PayloadError, SchemaError
from tidegate_contracts.execution import OrderEvent, OrderSpecification, Side, VenueHolding
from tidegate_contracts.host import KeepTrace
from tidegate_contracts.market import Bar, FeedState, FeedStatus
from tidegate_contracts.signals import Signal
from tidegate_contracts.testing import bodies, decimals
from tidegate_kernel.money import MONEY_CONTEXT, plain

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body

BAD_DECIMALS = [
    *("", "NaN", "sNaN", "Infinity", "-Infinity", "1e3", "1E+3", "+1", "-0", "0.0", "1.50"),
    *("01", ".5", "5.", " 1", "1 ", "1\n", "1_000", "1,5", "0x1", "\u0661", "--1", "1.2.3", "abc"),
    *("1" * 35, "0." + "0" * 98 + "1"),
]
HOLDING = "tidegate.execution.v1.VenueHolding"
HOLDING_OF_TWO = b"\x0a\x04AAPL\x12\x012"


@pytest.mark.parametrize("schema", codec.SCHEMAS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_message_comes_back_as_it_was(schema: str, data: st.DataObject) -> None:
    """Decoding what was encoded gives an equal message, whose bytes are the same."""
    body = data.draw(bodies(codec.type_of(schema)))
    payload = codec.encode(body)
    again = codec.decode(schema, payload)
    assert again == body
    assert codec.encode(again) == payload


@pytest.mark.parametrize("schema", codec.SCHEMAS)
def test_schemas_and_types_name_each_other(schema: str) -> None:
    """A type has one schema, and the schema has that type."""
    kind = codec.type_of(schema)
    assert codec.schema_of(kind) == schema
    assert kind.__struct_config__.frozen


@pytest.mark.parametrize("schema", codec.SCHEMAS)
def test_every_message_says_what_it_is(schema: str) -> None:
    """The generated types carry the comments of the proto files."""
    assert (codec.type_of(schema).__doc__ or "").strip().endswith(".")


@given(decimals())
def test_decimals_travel_as_plain_text(value: Decimal) -> None:
    """The text is the kernel's canonical text, and reads as the same value."""
    text = decimal_text(value, "amount")
    assert text == plain(value)
    assert decimal_of(text, "amount") == value


@given(decimals())
def test_equal_decimals_have_equal_text(value: Decimal) -> None:
    """Trailing zeros make no difference."""
    assert decimal_text(value.normalize(MONEY_CONTEXT), "amount") == decimal_text(value, "amount")


@pytest.mark.parametrize("text", BAD_DECIMALS)
def test_malformed_decimals_are_refused(text: str) -> None:
    """Only canonical text of a finite number is a decimal."""
    with pytest.raises(DecimalError, match="amount: expected"):
        decimal_of(text, "amount")


@pytest.mark.parametrize("text", [text for text in BAD_DECIMALS if text])
def test_payloads_with_malformed_decimals_are_refused(text: str) -> None:
    """The error names message and field."""
    raw = text.encode()
    payload = b"\x12" + bytes([len(raw)]) + raw
    with pytest.raises(DecimalError, match=r"VenueHolding quantity: expected"):
        codec.decode(HOLDING, payload)


@given(st.text(max_size=8))
def test_no_text_crashes_the_reader_of_decimals(text: str) -> None:
    """Any text is a finite canonical decimal or a contract error."""
    try:
        value = decimal_of(text, "amount")
    except DecimalError:
        return
    assert plain(value) == text


def test_an_absent_decimal_is_zero() -> None:
    """A field that older writers did not know reads as zero."""
    assert codec.decode_as(VenueHolding, b"\x0a\x04AAPL") == VenueHolding(symbol="AAPL")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_decimals_that_are_no_numbers_are_not_written(text: str) -> None:
    """A machine that computed NaN does not get it onto the bus."""
    with pytest.raises(DecimalError, match="expected a finite Decimal"):
        codec.encode(VenueHolding(quantity=Decimal(text)))


def test_decimals_that_the_context_cannot_hold_are_not_written() -> None:
    """A 35th digit is an error, never a rounding."""
    with pytest.raises(DecimalError, match="34 significant digits"):
        codec.encode(VenueHolding(quantity=Decimal("1" * 35)))


def test_money_is_never_a_float() -> None:
    """A float in a decimal field is refused when it is written."""
    with pytest.raises(DecimalError, match=r"found 1\.5"):
        codec.encode(VenueHolding(quantity=cast("Decimal", 1.5)))


def test_unknown_enum_numbers_are_refused() -> None:
    """The error names the numbers that exist."""
    payload = codec.encode(FeedStatus(feed="x", state=FeedState.ENDED)).replace(
        b"\x10\x04", b"\x10\x09"
    )
    with pytest.raises(MemberError, match=r"FeedState: expected one of 0 \(UNSPECIFIED\).*found 9"):
        codec.decode("tidegate.market.v1.FeedStatus", payload)


def test_unknown_fields_are_ignored() -> None:
    """A newer writer may add fields: here number 100, a string."""
    expected = VenueHolding(symbol="AAPL", quantity=Decimal(2))
    assert codec.decode(HOLDING, HOLDING_OF_TWO + b"\xa2\x06\x03new") == expected


def test_a_missing_message_is_refused() -> None:
    """An order event without its specification is not an order event."""
    with pytest.raises(PayloadError, match="specification: expected a message, found none"):
        codec.decode("tidegate.execution.v1.OrderEvent", b"")


def test_an_empty_message_that_must_be_there_is_there() -> None:
    """Presence survives even when every field has its default."""
    body = OrderEvent(specification=OrderSpecification())
    assert codec.decode_as(OrderEvent, codec.encode(body)) == body


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_floats_that_are_no_numbers_are_refused(number: float) -> None:
    """Neither written nor read."""
    good = codec.encode(Signal(strength=0.5))
    with pytest.raises(PayloadError, match="strength: expected a finite number"):
        codec.encode(Signal(strength=number))
    raw = msgspec.msgpack.encode(number)[:0:-1]
    at = good.index(b"\x49") + 1
    with pytest.raises(PayloadError, match="strength: expected a finite number"):
        codec.decode("tidegate.signals.v1.Signal", good[:at] + raw + good[at + 8 :])


@pytest.mark.parametrize(
    "body",
    [
        Bar(open=2**63),
        Bar(open=cast("int", "12")),
        Bar(symbol=cast("str", None)),
        KeepTrace(trace_id=cast("bytes", 1.5)),
        OrderEvent(specification=cast("OrderSpecification", None)),
        OrderSpecification(side=cast("Side", None)),
    ],
)
def test_values_of_other_types_are_not_written(body: Body) -> None:
    """Whatever the type checker missed ends as a contract error that names the schema."""
    with pytest.raises(PayloadError, match="tidegate"):
        codec.encode(body)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_message_or_a_contract_error(payload: bytes) -> None:
    """Nobody can crash a reader with bytes."""
    try:
        body = codec.decode("tidegate.execution.v1.OrderEvent", payload)
    except PayloadError:
        return
    assert isinstance(body, OrderEvent)


def test_unknown_schemas_and_types_are_refused() -> None:
    """Only what proto/tidegate defines travels."""
    with pytest.raises(SchemaError, match="found none of that name"):
        codec.decode("tidegate.market.v2.Bar", b"")
    with pytest.raises(SchemaError, match="found none of that name"):
        codec.type_of("tidegate.market.v2.Bar")
    with pytest.raises(SchemaError, match="Strange"):
        codec.encode(_Strange())
    with pytest.raises(SchemaError, match="Strange"):
        codec.schema_of(_Strange)


class _Strange(msgspec.Struct, frozen=True):
    """No message of the contract."""
