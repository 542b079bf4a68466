"""Every test of the suite is played at each kind of venue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.instances import eventually
from tests.venues.environment import variables_of
from tests.venues.server import TestVenue

from tidegate_chassis.configuration.environment import Environment
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue
from tidegate_execution.adapters.ccxt.venue import CcxtVenue
from tidegate_execution.adapters.real_venues import RealVenue, real_venue

from .hosting import WallHost
from .places import PLACES, Place
from .spreads import PaperSpreads, RealSpreads
from .worlds import PaperWorld, RealWorld, World


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Play at every kind of venue, unless a test or its module says it; real ones need servers."""
    if "place" not in metafunc.fixturenames or _names_its_places(metafunc.definition):
        return
    places = getattr(metafunc.module, "PLAYED_AT", PLACES)
    metafunc.parametrize("place", at(*places), ids=lambda place: place.kind.value)


def _names_its_places(test: pytest.Item) -> bool:
    return any("place" in str(mark.args[0]) for mark in test.iter_markers("parametrize"))


def at(*places: Place) -> list[object]:
    """Return kinds of venues as parameters."""
    return [
        pytest.param(each, marks=[pytest.mark.real] if each.is_real else [], id=each.kind.value)
        for each in places
    ]


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    """Return a venue with liquidity in one symbol."""
    if not place.is_real:
        yield PaperSpreads(place) if place.legs else PaperWorld(place)
        return
    with TestVenue() as running:
        yield RealSpreads(place, running) if place.legs else RealWorld(place, running)


@pytest.fixture
async def host(place: Place, world: World) -> AsyncIterator[WallHost]:
    """Return a reconciled session that listens, with short deadlines."""
    made = world if isinstance(world, PaperWorld) else await _opened(place, world)
    host = WallHost(place, made)
    host.begin()
    if isinstance(world, RealWorld):
        user = {
            "alpaca": world.venue.updates,
            "spot": world.venue.spot_user,
            "usdm": world.venue.usdm_user,
        }
        hub = user[place.exchange]
        await asyncio.to_thread(eventually, lambda: any(e.topics for e in hub.lines), "a stream")
    await host.until_reconciled()
    yield host
    if isinstance(world, RealWorld):
        world.venue.plan.clear()
    await host.end()


async def _opened(place: Place, world: World) -> RealVenue:
    assert isinstance(world, RealWorld)
    made = real_venue(place.session(), Environment(variables_of(world.venue), {}))
    await made.open()
    if isinstance(made, AlpacaVenue):
        made.port.client.limits_s = (1.0, 5.0)
        made.deadlines._deadline_s = 1.0
    else:
        assert isinstance(made, CcxtVenue)
        made.port.deadline_s = 3.0
        made.listens_after_s = 0.1
    return made
