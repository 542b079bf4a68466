"""A count of zero means something only if what is planted is found."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tidegate_chassis.host.envelope import NO_HASH, chain_hash
from tidegate_chassis.host.inputs import InputKind
from tidegate_contracts import codec
from tidegate_contracts.execution import (
    Fill,
    OrderEvent,
    OrderSpecification,
    OrderState,
    SubmitOrder,
    VenueExecution,
    VenueReport,
)
from tidegate_contracts.portfolio import LedgerEntry
from tidegate_contracts.risk import Decision, Verdict
from tidegate_contracts.signals import Signal
from tidegate_kernel.machine import Body

from .audit import audit
from .books import Books, Handled, Message, Reading
from .findings import Kind, count

KEY = "s|trend|AAA|5|0"
ORDER = OrderSpecification(client_order_id="o1", venue="XX", symbol="AAA", quantity=Decimal(2))
FILLED = OrderEvent(
    session="s",
    signal_key=KEY,
    specification=ORDER,
    state=OrderState.FILLED,
    filled_quantity=Decimal(2),
    venue_order_id="v1",
)
EXECUTION = VenueExecution(execution_id="x1", quantity=Decimal(2))
SAID: dict[str, list[Body]] = {
    "signals/s/0": [Signal(session="s", strategy="trend", symbol="AAA", event_at_ns=5)],
    "risk/s": [Verdict(signal_key=KEY, decision=Decision.APPROVED, specification=ORDER)],
    "venue/s": [VenueReport(client_order_id="o1", execution=EXECUTION)],
    "execution/s": [
        FILLED,
        Fill(
            client_order_id="o1",
            execution_id="x1",
            venue="XX",
            symbol="AAA",
            quantity=ORDER.quantity,
        ),
    ],
    "portfolio/s": [
        LedgerEntry(transaction_id="XX|AAA|x1", account=name, amount=amount, order_key="o")
        for name, amount in (("a", Decimal(1)), ("b", Decimal(-1)))
    ],
}


def _channel(channel: str, bodies: list[Body]) -> list[Message]:
    chain, messages = NO_HASH, []
    for k, body in enumerate(bodies, start=1):
        schema, payload = codec.schema_of(body), codec.encode(body)
        messages.append(Message(channel, k, schema, chain, payload))
        chain = chain_hash(chain, schema, payload)
    return messages


def _row(n: int, message: Message) -> Handled:
    return Handled(n, 1, InputKind.MESSAGE, "", message.channel, message.k, message.schema, b"")


def _books(said: dict[str, list[Body]]) -> Books:
    outbox = {channel: _channel(channel, bodies) for channel, bodies in said.items()}
    submit = SubmitOrder(session="s", specification=ORDER)
    asked = Handled(
        1, 1, InputKind.CALLED, "c", "", 0, codec.schema_of(submit), codec.encode(submit)
    )
    read = outbox["execution/s"]
    return Books(
        outbox,
        {channel: list(messages) for channel, messages in outbox.items()},
        {"venue/s": [asked], "alerts/s": [_row(m.k, m) for m in read]},
        (Reading("alerts/s", "execution/s", frozenset(m.schema for m in read)),),
    )


@pytest.fixture
def books() -> Books:
    """One signal, approved, filled and booked."""
    return _books(SAID)


def _counts(books: Books) -> tuple[int, int, int]:
    found = audit(books)
    return count(found, Kind.LOST), count(found, Kind.DUPLICATE), count(found, Kind.WRONG)


def test_sound_books_are_sound(books: Books) -> None:
    """Nothing is reported where nothing is planted."""
    assert _counts(books) == (0, 0, 0)


def test_a_message_may_be_in_the_stream_again(books: Books) -> None:
    """What is published a second time is recognised by its place and is no duplicate."""
    books.stream["signals/s/0"] *= 2
    assert _counts(books) == (0, 0, 0)


_REST = ("kind", "name", "channel", "k", "schema", "payload")
PLANTED: dict[str, tuple[Callable[[Books], object], tuple[int, int, int]]] = {
    "missing in the stream": (lambda b: b.stream["risk/s"].pop(), (1, 0, 0)),
    "ahead of the outbox": (lambda b: b.outbox["portfolio/s"].pop(), (0, 1, 1)),
    "not handled": (lambda b: b.journal["alerts/s"].pop(), (1, 0, 0)),
    "handled twice": (
        lambda b: b.journal["alerts/s"].append(_row(3, b.outbox["execution/s"][1])),
        (0, 1, 0),
    ),
    "asked twice": (
        lambda b: b.journal["venue/s"].append(
            Handled(2, 1, *(getattr(b.journal["venue/s"][0], n) for n in _REST))
        ),
        (0, 1, 0),
    ),
    "never asked": (lambda b: b.journal.pop("venue/s"), (1, 0, 0)),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_in_the_books_is_found(books: Books, name: str) -> None:
    """Each is counted as what it is."""
    plant, expected = PLANTED[name]
    plant(books)
    assert _counts(books) == expected


def _pending(client_order_id: str) -> OrderEvent:
    specification = OrderSpecification(client_order_id=client_order_id)
    return OrderEvent(signal_key=KEY, specification=specification, state=OrderState.PENDING)


SAID_WRONGLY: dict[str, tuple[str, list[Body], tuple[int, int, int]]] = {
    "no verdict": ("risk/s", [], (1, 1, 0)),
    "two verdicts": ("risk/s", SAID["risk/s"] * 2, (1, 1, 0)),
    "two orders": (
        "execution/s",
        [*SAID["execution/s"], _pending("o2")],
        (0, 1, 0),
    ),
    "fill lost": ("execution/s", [FILLED], (1, 1, 1)),
    "fill twice": ("execution/s", [*SAID["execution/s"], SAID["execution/s"][1]], (1, 1, 1)),
    "booking lost": ("portfolio/s", [], (1, 0, 0)),
    "half a booking": ("portfolio/s", SAID["portfolio/s"][:1], (0, 0, 1)),
    "booked twice": ("portfolio/s", SAID["portfolio/s"] * 2, (0, 2, 0)),
}


@pytest.mark.parametrize("name", SAID_WRONGLY)
def test_what_is_said_wrongly_is_found(name: str) -> None:
    """A lost or repeated decision, order, fill or booking does not go unseen."""
    channel, bodies, expected = SAID_WRONGLY[name]
    assert _counts(_books({**SAID, channel: bodies})) == expected
