"""Channels, subjects and readers follow from a shard's name and the table of subjects."""

import pytest

from tidegate_chassis.host import topology
from tidegate_contracts.definitions import SubjectDefinition
from tidegate_contracts.subjects import SUBJECTS


def test_a_reader_takes_in_whole_channels() -> None:
    """Who reads fills also takes the order events that share their channel."""
    filters = topology.whole_channels(("fills.demo.>",))
    assert any(f.startswith("orders.demo.") for f in filters)
    assert any(f.startswith("fills.demo.") for f in filters)
    assert not any(f.startswith("venue.") for f in filters)


def test_channels_are_read_by_those_who_ask_for_their_subjects() -> None:
    """The paper venue's reports are in a channel of their own."""
    assert topology.reads_channel(("verdicts.demo.>",), "risk/demo")
    assert not topology.reads_channel(("verdicts.demo.>",), "risk/other")
    assert not topology.reads_channel(("fills.demo.>",), "venue/demo")
    assert topology.reads_channel(("orders.>",), "execution/demo")
    assert topology.reads_channel(("gate.events",), "risk/gate")


def test_a_shard_owns_only_its_own_subjects() -> None:
    """Gate, decisions, orders and the paper venue do not mix."""
    assert topology.own_subjects("risk/gate") == (("gate.events", "GATE"),)
    assert {root.partition(".")[0] for root, _ in topology.own_subjects("risk/demo")} == {
        "breakers",
        "limits",
        "verdicts",
    }


@pytest.mark.parametrize(
    "family", [each for each in SUBJECTS.values() if each.stream], ids=lambda each: each.name
)
def test_a_streamed_subject_is_in_the_channel_of_its_producer_alone(
    family: SubjectDefinition,
) -> None:
    """As the table of subjects declares it; its readers ask for that channel."""
    kinds = {each.producer.partition("/")[0] for each in SUBJECTS.values() if each.stream}
    shards = {"risk/gate", *(f"{each}/x" for each in kinds)}
    speakers = {
        shard
        for shard in shards
        if family.root in {own.partition(".")[0] for own, _ in topology.own_subjects(shard)}
    }
    kind, _, name = family.producer.partition("/")
    assert speakers == {f"{kind}/x" if name.startswith("<") else family.producer}
    assert topology.producers_of((f"{family.root}.x.>",)) == tuple(speakers)


def test_only_what_was_asked_for_is_decoded() -> None:
    """Schemas come from the filters."""
    assert topology.schemas_read(("fills.demo.>",)) == {"tidegate.execution.v1.Fill"}
