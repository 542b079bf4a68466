"""The life of one shard: take the lease, recover, read, handle, commit, publish, again.

Whatever fails here, the shard is torn down and opened anew from its journal; only what a person
must look at (a journal that does not fit, a stream that is ahead, a forked channel) keeps it
stopped. Subclasses say when inputs are handled: `WallShard` as they arrive, `RoundShard` in
rounds, `FeedShard` as its source yields them.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, ClassVar

import structlog

from tidegate_chassis.host import crash, meter, topology
from tidegate_chassis.host.channels import ChannelReader
from tidegate_chassis.host.deferred import Deferred
from tidegate_chassis.host.errors import ChannelBroken, HostError, JournalRefused, StreamAhead
from tidegate_chassis.host.facts import facts_of
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_chassis.host.intake import Intake
from tidegate_chassis.host.journal import LEASE_S, Journal
from tidegate_chassis.host.outbox import Outbox
from tidegate_chassis.host.outgoing import dress
from tidegate_chassis.host.ports import round_ports
from tidegate_chassis.host.recovery import Recovery
from tidegate_chassis.host.requests import Requests, Tag
from tidegate_chassis.host.standby import Standby
from tidegate_chassis.host.streams import refuse_stream_ahead
from tidegate_chassis.host.timing import SessionClock, wall_ns
from tidegate_chassis.host.version import core_version
from tidegate_contracts import codec
from tidegate_kernel.machine import Called, TermStarted
from tidegate_kernel.money import use_money_context

if TYPE_CHECKING:
    from tidegate_chassis.host.context import HostContext
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.engine import Taken
    from tidegate_kernel.machine import Body

LOG = structlog.get_logger("shard")
REOPEN_S = 0.25
SNAPSHOT_INPUTS = 10_000
SNAPSHOT_S = 60.0
BEAT_S = 0.5
SKIPS_EVERY_S = 1.0
"""How often it is journalled that channels were read further without a message for the machine."""
TEND_S = 0.1


class Shard:
    """One shard in this process."""

    reads_by_bus: ClassVar[bool] = True
    # How long the journal row of a price that changes nothing may wait for the next commit.
    deferral_s: ClassVar[float] = 0.0

    def __init__(self, definition: ShardDefinition, context: HostContext, index: int) -> None:
        """``index`` numbers the shards of this process."""
        self.definition = definition
        self.context = context
        self.core = core_version(definition.machine, definition.parameters)
        self.state = "waiting"
        self.reason = "not started"
        self.finished = False
        self.clock = SessionClock(replay=definition.replay, speed=definition.speed)
        self._index = index
        self._wake = asyncio.Event()
        self._failure: Exception | None = None
        self._calls: dict[str, asyncio.Future[tuple[Body, Tag]]] = {}
        self._round_ports = round_ports(definition)
        self.lease_taken_s = 0.0
        self.lease_until_s = 0.0
        # How long the journal's statement took, the last time.
        self.commit_ns = 0
        self._draining = False
        self.log = LOG.bind(shard=definition.shard)

    # --- life ---------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Tell whether the shard handles inputs."""
        return self.state == "running"

    @property
    def draining(self) -> bool:
        """Tell whether the shard was told to end."""
        return self._draining

    @property
    def term(self) -> int:
        """Return the term under which this process leads the shard."""
        return self.journal.term

    async def run(self) -> None:
        """Open and serve, again and again, until drained or refused."""
        use_money_context()
        while not self._draining:
            try:
                if not await self._open():
                    await asyncio.sleep(REOPEN_S)
                    continue
                await self._serve()
                if self.draining:
                    return  # `leave` waits for what the stream has not acknowledged yet
            except (JournalRefused, StreamAhead, ChannelBroken) as error:
                self.state, self.reason = "refused", str(error)
                self.log.error("shard refused", reason=self.reason)  # noqa: TRY400 - a value
                self._close()
                return
            except Exception as error:
                self.state, self.reason = "waiting", f"{type(error).__name__}: {error}"
                expected = isinstance(error, HostError | OSError)
                self.log.warning("shard restarts", reason=self.reason, exc_info=not expected)
            self._close()
            if not self._draining:
                await asyncio.sleep(REOPEN_S)

    async def _open(self) -> bool:
        self._failure = None
        self.journal = Journal(self.context.pool, self.definition.shard, self.core)
        recovery = Recovery(self.definition, self.journal)
        if self.context.replicas > 1:
            recovery = await Standby(self, recovery).until_free()
        if self._draining or not await self._take_lease():
            return False
        self.state, self.reason = "recovering", "journal"
        again = await recovery.catch_up()
        self.engine = recovery.finish()
        if not self.definition.lockstep:
            self.clock.sync(self.engine.books.at_ns)
        await refuse_stream_ahead(self.definition, self.context.bus, self.journal)
        self._snapshot_n = recovery.snapshot_n
        self._snapshot_s = time.monotonic()
        self._beat_s = 0.0
        self._skips_s = 0.0
        self.deferred = Deferred(self.deferral_s)
        self._committed = {c: k for c, (k, _) in self.engine.books.cursors.items()}
        self.reader = ChannelReader(
            self.engine.books.cursors,
            topology.schemas_read(self.definition.reads),
            self._delivered,
        )
        self.outbox = Outbox(self.context.bus, self.journal, self._index)
        self.requests = Requests(
            self.definition, self.context.local, self._outcome, lambda: self.outbox.blocked
        )
        self.intake = Intake(self)
        self._begin()
        await self.outbox.start()
        await self.intake.start()
        self.state, self.reason = "running", ""
        self.requests.resume(list(self.engine.books.requests.values()))
        self._tending = asyncio.get_running_loop().create_task(self._tend())
        took_ms = round((time.monotonic() - self.lease_taken_s) * 1_000)
        n = self.engine.books.n
        self.log.info("shard opened", term=self.term, n=n, again=again, took_ms=took_ms)
        meter.opened(self)
        return True

    async def _take_lease(self) -> bool:
        asked_s = time.monotonic()
        if not await self.journal.acquire(self.context.holder):
            self.state, self.reason = "waiting", "another process holds the lease"
            return False
        self.lease_taken_s = asked_s
        self.lease_until_s = asked_s + LEASE_S
        self.context.leases[self.definition.shard] = self
        return True

    def _begin(self) -> None:
        """Set up what a subclass keeps while it serves; the first input is the new term."""
        started = TermStarted(self.term)
        self.take_now(Input(InputKind.TERM_STARTED, started))

    async def _serve(self) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        self.context.leases.pop(self.definition.shard, None)
        for name in ("intake", "requests", "outbox"):
            if hasattr(self, name):
                getattr(self, name).stop()
        if hasattr(self, "_tending"):
            self._tending.cancel()
        for future in self._calls.values():
            if not future.done():
                future.set_exception(ConnectionAbortedError(f"{self.definition.shard} restarts"))
                future.exception()  # Seen, for a caller that has gone meanwhile.
        self._calls.clear()

    def fail(self, error: Exception) -> None:
        """Tear the shard down from another task."""
        self._failure = error
        self._wake.set()

    async def drain(self) -> None:
        """Finish what is under way, leave a snapshot at the journal's head, give the lease back."""
        self._draining = True
        self._wake.set()

    async def leave(self) -> None:
        """After the loop has ended: snapshot and release, if this process still leads.

        A snapshot is left only of what the journal holds.
        """
        if self.state != "running":
            return
        try:
            if not self.deferred:
                await self._leave()
        finally:
            self._close()

    async def _leave(self) -> None:
        deadline_s = time.monotonic() + 3.0
        while self.outbox.open_count and time.monotonic() < deadline_s:
            await asyncio.sleep(0.02)
            await self.outbox.tend()
        await self.journal.save_snapshot(self.engine.books.n, self.engine.snapshot())
        meter.snapshot(self)
        await self.journal.release()
        self.state, self.reason = "stopped", "drained"

    async def _tend(self) -> None:
        while True:
            try:
                await asyncio.sleep(TEND_S)
                await self.outbox.tend()
                self.intake.tend()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - the host's loop
                self.fail(error)
                return

    # --- inputs -------------------------------------------------------------------------------

    def take_now(self, item: Input) -> None:
        """Queue an input that waits for no round."""
        raise NotImplementedError

    def _delivered(self, item: Input) -> None:
        """Take a message that is next in its channel."""
        raise NotImplementedError

    def moved(self) -> None:
        """Notice that a channel was read further, whether anything in it was delivered or not."""

    def _outcome(self, item: Input, tag: Tag | None) -> None:
        """Take the outcome of a request."""
        raise NotImplementedError

    def _call_in_round(self, item: Input, tag: Tag) -> None:
        """Take a call that belongs to rounds."""
        raise NotImplementedError

    async def call(self, call_id: str, body: Body, tag: Tag | None) -> tuple[Body, Tag]:
        """Have the machine answer a call, committed; returns the answer and its round.

        `ConnectionAbortedError` when the shard does not run, or stops before the answer is
        committed: what came before it runs again would be forgotten when it does.
        """
        if not self.running:
            raise ConnectionAbortedError(f"{self.definition.shard} does not run: {self.state}")
        known = self.engine.books.answers.get(call_id)
        if known is not None:
            answer = codec.decode(known.schema, known.payload)
            return answer, (known.instant_ns, known.round)
        future = self._calls.get(call_id)
        if future is None:
            future = asyncio.get_running_loop().create_future()
            self._calls[call_id] = future
            item = Input(InputKind.CALLED, Called(call_id, body), name=call_id)
            if tag is None:
                self.take_now(item)
            else:
                self._call_in_round(item, tag)
        return await asyncio.shield(future)

    async def _sleep(self, seconds: float) -> None:
        if not self._wake.is_set():
            timer = asyncio.get_running_loop().call_later(seconds, self._wake.set)
            try:
                await self._wake.wait()
            finally:
                timer.cancel()
        self._wake.clear()
        if self._failure is not None:
            raise self._failure

    # --- handling -----------------------------------------------------------------------------

    async def handle(self, items: list[Input], at_ns: int) -> None:
        """Handle inputs, commit them together, then publish, answer and request."""
        started_ns = wall_ns()
        takens = [self.engine.take(item, at_ns) for item in items]
        await self.commit(takens, started_ns)

    async def commit_deferred(self) -> None:
        """Commit what still waits, with nothing more."""
        if self.deferred or self.skips_are_due():
            await self.commit([], wall_ns())

    def skips_are_due(self) -> bool:
        """Tell whether channels were read further and the journal should know of it now."""
        if not self._draining and time.monotonic() - self._skips_s < SKIPS_EVERY_S:
            return False
        return bool(self.reader.skipped(self.engine.books.cursors))

    def _take_skips(self) -> list[Taken]:
        if not self.skips_are_due():
            return []
        self._skips_s = time.monotonic()
        books = self.engine.books
        return [self.engine.take(item, books.at_ns) for item in self.reader.skipped(books.cursors)]

    async def commit(self, takens: list[Taken], started_ns: int) -> None:
        """Commit what was deferred and what was taken; only then let anything out."""
        takens = self.deferred.before([*takens, *self._take_skips()])
        dressed = [(taken, dress(self, taken)) for taken in takens if taken.outgoing]
        messages = [message for _, sent in dressed for message in sent]
        facts = facts_of(self.context.project, dressed)
        crash.visit("before_commit")
        asked_ns = wall_ns()
        await self.journal.commit([t.row for t in takens], messages, facts)
        crash.visit("after_commit")
        self.deferred.clear()
        committed_ns = wall_ns()
        self.commit_ns = committed_ns - asked_ns
        for taken in takens:
            channel = taken.input.channel
            if channel:
                self._committed[channel] = max(taken.input.k, self.committed(channel))
        self.outbox.publish(messages)
        for taken in takens:
            for call_id, body in taken.answers:
                self._resolve(call_id, body)
            for request in taken.requests:
                self.requests.make(request)
        self.context.observe(self, takens, started_ns, committed_ns)

    def _resolve(self, call_id: str, body: Body) -> None:
        future = self._calls.pop(call_id, None)
        if future is not None and not future.done():
            future.set_result((body, (self.engine.books.instant_ns, self.engine.books.round)))

    def committed(self, channel: str) -> int:
        """Return up to where a channel is journalled."""
        return self._committed.get(channel, 0)

    async def snapshot_if_due(self) -> None:
        """Store the state after enough inputs or time."""
        n = self.engine.books.n
        old = time.monotonic() - self._snapshot_s > SNAPSHOT_S
        if n - self._snapshot_n < SNAPSHOT_INPUTS and not (old and n > self._snapshot_n):
            return
        await self.journal.save_snapshot(n, self.engine.snapshot())
        meter.snapshot(self)
        self._snapshot_n = n
        self._snapshot_s = time.monotonic()

    async def beat_if_due(self, *, committed: bool) -> None:
        """Say that this shard is alive, only after a commit under its term."""
        if self.definition.beat is None or time.monotonic() - self._beat_s < BEAT_S:
            return
        if self.outbox.blocked and not self.definition.lockstep:
            return  # what is decided does not get through: silence shuts the gate
        if not committed:
            await self.journal.touch()
        self._beat_s = time.monotonic()
        body = self.definition.beat(self.engine.machine, self.term, wall_ns())
        self.context.say(body)
