"""A reader delivers every channel once and in order, however its copies arrive."""

import pytest
from hypothesis import given, strategies as st

from tidegate_chassis.host.channels import ChannelReader
from tidegate_chassis.host.envelope import NO_HASH, Envelope, chain_hash
from tidegate_chassis.host.errors import ChannelBroken
from tidegate_chassis.host.inputs import Input
from tidegate_contracts import codec

from .toys import bar_at

SCHEMA = "tidegate.market.v1.Bar"


def _messages(count: int, channel: str = "market-data/x") -> list[tuple[str, bytes]]:
    chain = NO_HASH
    messages = []
    for k in range(1, count + 1):
        payload = codec.encode(bar_at(k))
        envelope = Envelope(f"m:1:{k}.0", channel, k, chain, SCHEMA, k, "", "", "")
        messages.append((envelope.pack(), payload))
        chain = chain_hash(chain, SCHEMA, payload)
    return messages


@given(st.data())
def test_any_order_with_duplicates_is_delivered_once_in_order(data: st.DataObject) -> None:
    """Fast lane and stream together may bring any permutation of several copies."""
    messages = _messages(8)
    copies = data.draw(st.permutations([*messages, *messages, *messages[2:5]]))
    delivered: list[Input] = []
    reader = ChannelReader({}, frozenset({SCHEMA}), delivered.append)
    for header, payload in copies:
        reader.offer(header, payload, "", 0)
    assert [item.k for item in delivered] == list(range(1, 9))
    assert reader.position("market-data/x") == 8
    assert all(reader.knows(header) for header, _ in messages)


def test_a_message_that_does_not_follow_breaks_the_channel() -> None:
    """Two different messages at one place are never both read."""
    delivered: list[Input] = []
    reader = ChannelReader({}, frozenset({SCHEMA}), delivered.append)
    (header, payload), (second, _) = _messages(2)
    reader.offer(header, codec.encode(bar_at(99)), "", 0)
    with pytest.raises(ChannelBroken, match="two histories"):
        reader.offer(second, payload, "", 0)


def test_schemas_of_others_count_but_are_not_delivered() -> None:
    """A reader takes the whole channel and drops what it did not ask for."""
    delivered: list[Input] = []
    reader = ChannelReader({}, frozenset(), delivered.append)
    for header, payload in _messages(3):
        reader.offer(header, payload, "", 0)
    assert delivered == []
    assert reader.position("market-data/x") == 3


def test_a_gap_is_named_only_after_the_patience() -> None:
    """The producer is asked for the first missing message, and not at once."""
    reader = ChannelReader({}, frozenset({SCHEMA}), lambda item: None)
    header, payload = _messages(3)[2]
    reader.offer(header, payload, "", 0)
    assert reader.gaps(10.0, 2.0) == []
    assert reader.gaps(12.0, 2.0) == [("market-data/x", 1)]
    assert reader.gaps(12.5, 2.0) == []


def test_only_what_comes_after_everything_taken_is_skipped() -> None:
    """Nothing is skipped while a delivered message waits to be handled; the chain goes on."""
    messages = _messages(4)
    schemas: frozenset[str] = frozenset({SCHEMA})
    delivered: list[Input] = []
    reader = ChannelReader({}, schemas, delivered.append)
    for header, payload in messages[:2]:
        reader.offer(header, payload, "", 0)
    taken = {"market-data/x": (1, delivered[0].chain)}
    assert reader.skipped(taken) == []
    taken = {"market-data/x": (2, delivered[1].chain)}
    assert reader.skipped(taken) == []
    deaf = ChannelReader(taken, frozenset(), delivered.append)
    for header, payload in messages[2:]:
        deaf.offer(header, payload, "", 0)
    (skip,) = deaf.skipped(taken)
    assert (skip.channel, skip.k) == ("market-data/x", 4)
    header, payload = _messages(5)[4]
    later = ChannelReader({"market-data/x": (skip.k, skip.chain)}, schemas, delivered.append)
    later.offer(header, payload, "", 0)
    assert [item.k for item in delivered] == [1, 2, 5]
