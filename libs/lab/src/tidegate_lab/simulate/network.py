"""A nats-server in memory: core subjects, streams, durable consumers, acknowledgements.

It stands where the host expects a NATS client. What a connection says arrives in its order unless
a fault reorders it; a copy for one reader can be lost, late or doubled, and the stream keeps its
own. While the server is away clients keep what they are told and say it when it is back, as
nats-py does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING

from asyncpg.exceptions import PostgresError
from nats.js.errors import NotFoundError

from tidegate_chassis.host.lane import _headers as read_headers
from tidegate_contracts import subjects
from tidegate_lab.simulate.loop import RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tidegate_chassis.host.lane import Listener
    from tidegate_lab.simulate.loop import Incarnation, VirtualLoop

LATENCY_S = 0.0003
STREAM_LATENCY_S = 0.001
ACK_WAIT_S = 5.0
"""Shorter than live, so that an hour holds many redeliveries."""
Handler = Callable[["Message"], Awaitable[None]]
matches = cache(subjects.matches)


class Message:
    """A message as a client gets it."""

    __slots__ = ("_acknowledge", "data", "headers", "reply", "subject")

    def __init__(
        self,
        subject: str,
        data: bytes,
        headers: dict[str, str] | None,
        reply: str = "",
        acknowledge: Callable[[], None] | None = None,
    ) -> None:
        """``acknowledge`` tells the consumer that brought it."""
        self.subject = subject
        self.data = data
        self.headers = headers
        self.reply = reply
        self._acknowledge = acknowledge

    async def ack(self) -> None:
        """Acknowledge to the stream's consumer."""
        if self._acknowledge is not None:
            self._acknowledge()

    async def respond(self, data: bytes) -> None:
        """Answer; nobody in a simulated hour waits for one on the bus."""


class Subscription:
    """One subscription of one client: its messages are handled one after the other."""

    def __init__(self, client: Client, pattern: str, handle: Handler) -> None:
        """Hear what the pattern matches."""
        self.client = client
        self.pattern = pattern
        self.due_s = 0.0
        self._handle = handle
        self._waiting: deque[Message] = deque()
        self._busy = False

    def deliver(self, message: Message) -> None:
        """Queue a message, in the context of the client's process."""
        self._waiting.append(message)
        if not self._busy:
            self._busy = True
            self.client.loop.create_task(self._pump())

    async def _pump(self) -> None:
        try:
            while self._waiting:
                await self._handle_one(self._waiting.popleft())
        finally:
            self._busy = False

    async def _handle_one(self, message: Message) -> None:
        try:
            await self._handle(message)
        except (OSError, PostgresError):
            # nats-py tells its error callback, which only logs, and goes on.
            self.client.server.handler_errors += 1

    async def unsubscribe(self) -> None:
        """Hear nothing any more."""
        self.client.server.forget(self)


class LaneSubscription(Subscription):
    """A subscription whose listeners are called at once, as the host's lane does."""

    def __init__(self, client: Client, pattern: str, listeners: list[Listener]) -> None:
        """Hear what the pattern matches."""
        super().__init__(client, pattern, _nobody)
        self._listeners = listeners

    def deliver(self, message: Message) -> None:
        """Tell every listener; one that fails is logged by the lane, and the others are told."""
        for listener in tuple(self._listeners):
            try:
                listener(message)  # type: ignore[arg-type] # it has what a Heard has
            except Exception:  # noqa: BLE001 - as the lane
                self.client.server.handler_errors += 1


async def _nobody(_message: Message) -> None:
    """Stands where a coroutine would handle messages; a lane has none."""


class Stream:
    """One stream: messages in the order in which they came."""

    def __init__(self, name: str, filters: tuple[str, ...]) -> None:
        """Keep what the filters match."""
        self.name = name
        self.filters = filters
        self.messages: list[Message] = []
        self.consumers: dict[str, Consumer] = {}


class Consumer:
    """A durable pull consumer with `AckPolicy.ALL`."""

    def __init__(self, stream: Stream, durable: str) -> None:
        """Read from the stream's begin."""
        self._stream = stream
        self.filters = _durable_filters(stream.name, durable)
        # subject -> whether the filters take it
        self._wanted: dict[str, bool] = {}
        self.next = 0
        self.acknowledged = 0
        # place in the stream -> until when its acknowledgement is waited for
        self.pending: dict[int, float] = {}
        self.redelivered = 0

    def take(self, limit: int, now_s: float) -> list[int]:
        """Return places to deliver: again what was not acknowledged in time, then new ones."""
        places = [place for place, until_s in self.pending.items() if until_s <= now_s][:limit]
        self.redelivered += len(places)
        wanted, messages = self._wanted, self._stream.messages
        while self.next < len(messages) and len(places) < limit:
            subject = messages[self.next].subject
            if subject not in wanted:
                wanted[subject] = any(matches(pattern, subject) for pattern in self.filters)
            if wanted[subject]:
                places.append(self.next)
            self.next += 1
        self.pending.update(dict.fromkeys(places, now_s + ACK_WAIT_S))
        return places

    def acknowledge(self, place: int) -> None:
        """Forget everything up to a place."""
        self.pending = {each: until for each, until in self.pending.items() if each > place}


@cache
def _durable_filters(stream: str, durable: str) -> tuple[str, ...]:
    return DURABLES[durable].get(stream, ())


DURABLES: dict[str, dict[str, tuple[str, ...]]] = {}
"""What the deploy job made: durable's name -> stream -> filters."""


class Server:
    """The server, and the wires to it."""

    def __init__(self, loop: VirtualLoop, random: Random) -> None:
        """Start with every declared stream, empty."""
        self.loop = loop
        self.random = random
        self.up = True
        self.streams = [Stream(s.name, tuple(s.subjects)) for s in subjects.STREAMS.values()]
        self.clients: list[Client] = []
        self.wire = Wire()
        self.handler_errors = 0
        self._subscriptions: list[Subscription] = []
        self._hearers: dict[str, list[Subscription]] = {}
        self._keepers: dict[str, list[Stream]] = {}

    def stream(self, name: str) -> Stream:
        """Return a stream by its name."""
        return next(stream for stream in self.streams if stream.name == name)

    def subscribe(self, subscription: Subscription) -> None:
        """Add a subscription."""
        self._subscriptions.append(subscription)
        for subject, hearers in self._hearers.items():
            if matches(subscription.pattern, subject):
                hearers.append(subscription)

    def forget(self, subscription: Subscription) -> None:
        """Remove a subscription."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
            for hearers in self._hearers.values():
                if subscription in hearers:
                    hearers.remove(subscription)

    def disconnect(self, incarnation: Incarnation) -> None:
        """Forget all clients of a dead process."""
        gone = [client for client in self.clients if client.incarnation is incarnation]
        self.clients = [client for client in self.clients if client not in gone]
        self._subscriptions = [s for s in self._subscriptions if s.client not in gone]
        for subject, hearers in self._hearers.items():
            self._hearers[subject] = [s for s in hearers if s.client not in gone]

    def receive(self, sender: Client, message: Message) -> None:
        """Take what a client said: into streams, and to everybody who hears it."""
        if not self.up or not sender.linked:
            return  # it was on the wire when that broke
        subject = message.subject
        keepers = self._keepers.get(subject)
        if keepers is None:
            keepers = [s for s in self.streams if any(matches(f, subject) for f in s.filters)]
            self._keepers[subject] = keepers
        for stream in keepers:
            stream.messages.append(message)
            if message.reply:
                self._acknowledge(sender, stream, message.reply)
        hearers = self._hearers.get(subject)
        if hearers is None:
            hearers = [s for s in self._subscriptions if matches(s.pattern, subject)]
            self._hearers[subject] = hearers
        for subscription in hearers:
            self._send(subscription, message)

    def _acknowledge(self, sender: Client, stream: Stream, reply: str) -> None:
        if self.wire.loses_ack(self.loop.now_s):
            return
        data = f'{{"stream": "{stream.name}", "seq": {len(stream.messages)}}}'.encode()
        answer = Message(reply, data, None)
        for subscription in sender.inboxes:
            if reply.startswith(subscription.pattern[:-1]):
                self._send(subscription, answer, STREAM_LATENCY_S)

    def _send(self, subscription: Subscription, message: Message, extra_s: float = 0.0) -> None:
        loop = self.loop
        now_s = loop.now_s
        latency_s = extra_s + LATENCY_S * (0.5 + self.random.random())
        delivery = _Delivery(self, subscription, message)
        wire = self.wire
        for delay_s in wire.fates(now_s, message.subject) if wire.disturbances else _ONCE:
            due_s = now_s + latency_s + delay_s
            if delay_s == 0.0:
                due_s = max(due_s, subscription.due_s)
                subscription.due_s = due_s
            loop.at(due_s, subscription.client.incarnation, delivery)


class _Delivery:
    __slots__ = ("_message", "_server", "_subscription")

    def __init__(self, server: Server, subscription: Subscription, message: Message) -> None:
        self._server = server
        self._subscription = subscription
        self._message = message

    def __call__(self) -> None:
        if self._server.up and self._subscription.client.linked:
            self._subscription.deliver(self._message)


class Wire:
    """What becomes of each copy that the server sends; faults add to it."""

    def __init__(self) -> None:
        """Deliver everything once, in order."""
        self.disturbances: list[Callable[[float, str], tuple[float, ...] | None]] = []
        self.ack_losses: list[Callable[[float], bool]] = []

    def fates(self, now_s: float, subject: str) -> tuple[float, ...]:
        """Return how late each copy is: none, one or several."""
        for disturb in self.disturbances:
            found = disturb(now_s, subject)
            if found is not None:
                return found
        return _ONCE

    def loses_ack(self, now_s: float) -> bool:
        """Tell whether the stream's acknowledgement does not arrive."""
        return any(lose(now_s) for lose in self.ack_losses)


_ONCE = (0.0,)


class Client:
    """One connection, as the host uses nats-py's client and its JetStream context."""

    def __init__(self, server: Server, name: str) -> None:
        """Connect, in the running process."""
        self.server = server
        self.loop = server.loop
        self.incarnation = RUNNING.get()
        self.linked = True
        self._inbox_prefix = f"_INBOX_{name}".encode()
        self.inboxes: list[Subscription] = []
        self._said: list[Message] = []
        self._due_s = 0.0
        server.clients.append(self)

    @property
    def is_connected(self) -> bool:
        """Tell whether the connection stands."""
        return self.linked and self.server.up

    @property
    def is_closed(self) -> bool:
        """Tell whether the client has left for good."""
        return False

    def publish_now(self, command: bytes) -> bool:
        """Say what the host has written in the protocol of NATS; what cannot go yet is kept."""
        for message in _messages_of(command):
            if self.is_connected:
                self._say(message)
            else:
                self._said.append(message)
        return True

    def _say(self, message: Message) -> None:
        latency_s = LATENCY_S * (0.5 + self.server.random.random())
        self._due_s = max(self.loop.now_s + latency_s, self._due_s)
        self.loop.at(self._due_s, None, lambda: self.server.receive(self, message))

    def reconnect(self) -> None:
        """Say what was kept while the connection was broken."""
        self.linked = True
        said, self._said = self._said, []
        for message in said:
            self._say(message)

    async def subscribe(self, subject: str, cb: Handler, **_limits: int) -> Subscription:
        """Hear what matches."""
        return self._add(Subscription(self, subject, cb))

    async def subscribe_lane(self, subject: str, listeners: list[Listener]) -> Subscription:
        """Have functions called with what matches."""
        return self._add(LaneSubscription(self, subject, listeners))

    def _add(self, subscription: Subscription) -> Subscription:
        if subscription.pattern.startswith(self._inbox_prefix.decode()):
            self.inboxes.append(subscription)
        else:
            self.server.subscribe(subscription)
        return subscription

    def jetstream(self, **_options: float) -> Client:
        """Return the context of streams, which is the client itself."""
        return self

    async def get_last_msg(self, stream: str, subject: str) -> Message:
        """Return the last message of a stream that matches."""
        await self._round_trip()
        for message in reversed(self.server.stream(stream).messages):
            if matches(subject, message.subject):
                return message
        raise NotFoundError

    async def pull_subscribe_bind(self, durable: str, stream: str, **_limits: int) -> Pull:
        """Bind to a durable consumer."""
        await self._round_trip()
        kept = self.server.stream(stream)
        consumer = kept.consumers.get(durable)
        if consumer is None:
            consumer = kept.consumers[durable] = Consumer(kept, durable)
        return Pull(self, kept, consumer)

    async def _round_trip(self) -> None:
        await self.loop.sleep(2 * LATENCY_S)
        if not self.is_connected:
            message = "no connection to the server"
            raise ConnectionResetError(message)


class Pull:
    """A client's hold on a durable consumer."""

    def __init__(self, client: Client, stream: Stream, consumer: Consumer) -> None:
        """Fetch for this client."""
        self._client = client
        self._stream = stream
        self._consumer = consumer

    async def fetch(self, batch: int, timeout: float) -> list[Message]:  # noqa: ASYNC109 - as nats
        """Return what the consumer has, at once or nothing after the timeout."""
        client = self._client
        await client.loop.sleep(2 * LATENCY_S)
        places = self._consumer.take(batch, client.loop.now_s) if client.is_connected else []
        if not places:
            await client.loop.sleep(timeout)
            raise TimeoutError
        return [self._message(place) for place in places]

    def _message(self, place: int) -> Message:
        kept = self._stream.messages[place]
        return Message(kept.subject, kept.data, kept.headers, "", lambda: self._acknowledge(place))

    def _acknowledge(self, place: int) -> None:
        client = self._client
        if client.is_connected and not client.server.wire.loses_ack(client.loop.now_s):
            self._consumer.acknowledge(place)


def _messages_of(command: bytes) -> Iterator[Message]:
    """Read PUB and HPUB commands, one after the other."""
    at = 0
    while at < len(command):
        end = command.index(b"\r\n", at)
        parts = command[at:end].decode().split(" ")
        start = end + 2
        stop = start + int(parts[-1])
        body = start + int(parts[-2]) if parts[0] == "HPUB" else start
        headers = read_headers(command[start:body]) if body > start else None
        yield Message(parts[1], command[body:stop], headers, parts[2])
        at = stop + 2
