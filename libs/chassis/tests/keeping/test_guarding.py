"""What is secret is found wherever it stands, and is named but never shown."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tidegate_chassis.configuration import Environment
from tidegate_chassis.keeping.errors import NotTaken
from tidegate_chassis.keeping.guarding import Secrets

PLANTED = "PLANTED-venue-key-0123456789"


def known(folder: Path) -> Secrets:
    """Return what is known of a folder with two secrets, and of an environment with one."""
    (folder / "operator.token").write_text("operators-own-token\n")
    (folder / "nats-risk.creds").write_text("risk:the-nats-password\n")
    (folder / "risk.verify-key.pem").write_text("-----BEGIN PUBLIC KEY-----\npublic-material\n")
    variables = {"ALPACA_API_SECRET": PLANTED, "HOME": "/a/folder/that/is/long"}
    return Secrets.known(folder, Environment(variables, {}))


@pytest.mark.parametrize(
    ("secret", "name"),
    [
        ("operators-own-token", "operator.token"),
        ("the-nats-password", "nats-risk.creds"),
        (PLANTED, "ALPACA_API_SECRET"),
    ],
)
def test_each_known_secret_is_refused_by_name(tmp_path: Path, secret: str, name: str) -> None:
    """The message says where it is from and not what it is."""
    with pytest.raises(NotTaken) as caught:
        known(tmp_path).refuse(f"key: {secret}, ".encode(), "configuration.yaml")
    assert name in str(caught.value)
    assert secret not in str(caught.value)


def test_public_keys_and_other_variables_are_no_secrets(tmp_path: Path) -> None:
    """A backup keeps risk's public key."""
    secrets = known(tmp_path)
    for text in (b"public-material", b"/a/folder/that/is/long", b"risk"):
        secrets.refuse(text, "configuration.yaml")


@given(pieces=st.lists(st.integers(1, 40), min_size=1), before=st.binary(max_size=60))
def test_it_is_found_however_the_content_is_cut(pieces: list[int], before: bytes) -> None:
    """Nothing behind it is written, and the end says so."""
    secrets = Secrets({PLANTED.encode(): "planted"})
    content = before + PLANTED.encode()
    written: list[bytes] = []
    watching = secrets.watching(written.append, "databases/risk/journal")

    async def write_all() -> None:
        rest = content
        for size in (*pieces, len(content)):
            if rest:
                await watching.take(rest[:size])
                rest = rest[size:]

    asyncio.run(write_all())
    with pytest.raises(NotTaken, match="databases/risk/journal"):
        watching.settle()
    assert PLANTED.encode() not in b"".join(written)
