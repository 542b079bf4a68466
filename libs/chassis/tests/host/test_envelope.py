"""What surrounds a message survives the bus."""

from hypothesis import given, strategies as st

from tidegate_chassis.host.envelope import (
    NO_HASH,
    Envelope,
    chain_hash,
    pack_depends,
    place,
    unpack,
    unpack_depends,
)

_WORDS = st.text(st.sampled_from("abcdefgh/:.0123456789"), min_size=1, max_size=20)


@given(_WORDS, _WORDS, st.integers(1, 2**60), st.binary(min_size=16, max_size=16), _WORDS)
def test_an_envelope_reads_as_it_was_written(
    message_id: str, channel: str, k: int, previous: bytes, cause: str
) -> None:
    """Packing and unpacking give the same envelope, and its place can be read alone."""
    envelope = Envelope(message_id, channel, k, previous, "a.v1.B", 7, cause, "", "")
    assert unpack(envelope.pack()) == envelope
    assert place(envelope.pack()) == (channel, k)


def test_depends_are_written_in_one_order() -> None:
    """Equal positions give equal text, whatever order they were learnt in."""
    assert pack_depends({"b/x": 2, "a/y": 1}) == pack_depends({"a/y": 1, "b/x": 2})
    assert unpack_depends(pack_depends({"b/x": 2, "a/y": 1})) == {"a/y": 1, "b/x": 2}


def test_the_chain_knows_order_schema_and_content() -> None:
    """Any change in what was said before, or how, changes every later hash."""
    base = chain_hash(NO_HASH, "a", b"1")
    assert base != chain_hash(base, "a", b"1")
    assert base != chain_hash(NO_HASH, "b", b"1")
    assert base != chain_hash(NO_HASH, "a", b"2")
