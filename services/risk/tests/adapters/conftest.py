"""A process of the risk service, and a client of its routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest

from tidegate_chassis.http import make_app
from tidegate_risk.adapters.http import routes

from .process import Context, token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Settings(NamedTuple):
    """What the application needs to know."""

    secrets_folder: Path


@pytest.fixture
def context() -> Context:
    """Return a fresh process."""
    return Context()


@pytest.fixture
async def client(context: Context, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the service's routes; every principal's token is its name, long enough."""
    app = make_app("risk", Settings(with_tokens(tmp_path)), list)
    app.include_router(routes(context))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://risk") as made:
        yield made


def with_tokens(folder: Path) -> Path:
    """Write the tokens of two principals into a folder."""
    folder.chmod(0o700)
    for name in ("operator", "approver"):
        path = folder / f"{name}.token"
        path.touch(0o600)
        path.write_text(token(name))
    return folder
