"""A worker: asks a sweep for trials over NATS and runs them, until the sweep ends.

``python -m tidegate_lab.sweep.worker URL NAME [DATA ...]`` is one process of this machine; on
others `tidegate sweep-worker` runs the same. It refuses to help with other data or other code
than the sweep's: the results would be of something else.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from typing import TYPE_CHECKING, TypeVar

import msgspec
import nats
from nats.errors import NoRespondersError, TimeoutError as NatsTimeoutError

from tidegate_chassis.configuration import Session
from tidegate_lab.sweep.errors import SweepError
from tidegate_lab.sweep.identity import code_version, data_of, in_memory
from tidegate_lab.sweep.messages import (
    ALIVE,
    ALIVE_EVERY_S,
    DONE,
    ENDED,
    JOB,
    NEXT,
    Given,
    Job,
    Noted,
    Tested,
    Worker,
)
from tidegate_lab.sweep.trial import run_trial
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.config import replay_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats.aio.client import Client

    from tidegate_market_data.adapters.dataset import Dataset

A = TypeVar("A")
ANSWER_PATIENCE_S = 5.0
SILENCE_MAX_S = 60.0
"""A sweep that does not answer for so long is gone."""
_ASK_AGAIN_S = 0.2


class SweepWorker:
    """One worker."""

    def __init__(self, client: Client, name: str) -> None:
        """Work under a name that no other worker of the sweep has."""
        self._client = client
        self._name = name
        self._ended = asyncio.Event()

    async def work(self, data: Sequence[str] = ()) -> int:
        """Run trials until the sweep ends; ``data``: where this machine has the sweep's."""

        async def end(_message: object) -> None:
            self._ended.set()

        await self._client.subscribe(ENDED, cb=end)
        job = await self._ask(JOB, Worker(name=self._name), Job)
        if job is None:
            return 0
        session, dataset = await asyncio.to_thread(_prepared, job, data)
        alive = asyncio.create_task(self._say_alive())
        try:
            return await self._run(job, session, dataset)
        finally:
            alive.cancel()

    async def _run(self, job: Job, session: Session, dataset: Dataset) -> int:
        count = 0
        while (given := await self._ask(NEXT, Worker(name=self._name), Given)) is not None:
            if given.point is None:
                await self._pause(_ASK_AGAIN_S)
                continue
            tested = await asyncio.to_thread(self._try, job, session, dataset, given.point)
            if await self._ask(DONE, tested, Noted) is None:
                break
            count += 1
        return count

    def _try(self, job: Job, session: Session, dataset: Dataset, point: tuple[int, ...]) -> Tested:
        try:
            result = run_trial(session, dataset, job.engine, job.grid.parameters(point))
        except Exception:  # noqa: BLE001 - told to the sweep, which ends with it
            failure = traceback.format_exc(limit=-3)
            return Tested(name=self._name, point=point, result=None, failure=failure)
        return Tested(name=self._name, point=point, result=result)

    async def _ask(self, subject: str, question: msgspec.Struct, answer: type[A]) -> A | None:
        """Ask until the sweep answers; None when it has ended, an error when it is gone."""
        body = msgspec.msgpack.encode(question)
        waited_s = 0.0
        while not self._ended.is_set():
            try:
                reply = await self._client.request(subject, body, timeout=ANSWER_PATIENCE_S)
            except NoRespondersError:
                await self._pause(_ASK_AGAIN_S)
                waited_s += _ASK_AGAIN_S
            except NatsTimeoutError:
                waited_s += ANSWER_PATIENCE_S
            else:
                return msgspec.msgpack.decode(reply.data, type=answer)
            if waited_s > SILENCE_MAX_S:
                raise SweepError(
                    f"expected a sweep that answers on {subject}, found {waited_s:.0f} s of "
                    "silence: start it again, it goes on where it was"
                )
        return None

    async def _pause(self, seconds: float) -> None:
        """Wait, but not for a sweep that ends."""
        try:
            await asyncio.wait_for(self._ended.wait(), seconds)
        except TimeoutError:
            return

    async def _say_alive(self) -> None:
        body = msgspec.msgpack.encode(Worker(name=self._name))
        while not self._ended.is_set():
            await self._client.publish(ALIVE, body)
            await self._pause(ALIVE_EVERY_S)


def _prepared(job: Job, data: Sequence[str]) -> tuple[Session, Dataset]:
    """Read the sweep's data; others, or other code, are refused."""
    session = Session.model_validate_json(job.session)
    if data:
        feed = session.feed.model_copy(update={"paths": tuple(data)})
        session = session.model_copy(update={"feed": feed})
    dataset = in_memory(read_replay(replay_settings(session)))
    found = data_of(dataset)
    if found.hash != job.data.hash:
        raise SweepError(
            f"expected the sweep's data {job.data.hash}, found {found.hash}: give this machine's "
            "copy of the same files with --data"
        )
    version = code_version(session, dataset)
    if version != job.version:
        raise SweepError(
            f"expected the sweep's code {job.version}, found {version}: install the same release"
        )
    return session, dataset


async def run_worker(url: str, name: str, data: Sequence[str] = ()) -> int:
    """Connect, work until the sweep ends, and return how many trials were run."""
    client = await nats.connect(url)
    try:
        return await SweepWorker(client, name).work(data)
    finally:
        await client.close()


if __name__ == "__main__":
    asyncio.run(run_worker(sys.argv[1], sys.argv[2], sys.argv[3:]))
