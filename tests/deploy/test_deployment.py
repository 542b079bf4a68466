"""The deploy job: what it makes, for whom, and that it may be repeated."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import nats
import pytest

from tidegate_chassis.configuration import SERVICE_NAMES, Configuration, dump
from tidegate_chassis.database import connect, drop_databases
from tidegate_chassis.embedded import NatsServer, Place, PostgresServer, binaries
from tidegate_chassis.embedded.postgres import ADMINISTRATOR
from tidegate_chassis.security import Principals, Secret
from tidegate_cli.__main__ import main
from tidegate_cli.deployment.handout import hand_out, kept, with_credentials
from tidegate_cli.deployment.keys import credentials_file, read_credentials
from tidegate_cli.deployment.topology import definitions_of, shards_of
from tidegate_contracts.permissions import inbox_prefix
from tidegate_contracts.subjects import STREAMS

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "cli" / "src" / "tidegate_cli" / "templates" / "demo.yaml"
NATS_SETTINGS = ROOT / "deploy" / "compose" / "nats.conf"
REDIS_URL = "redis://valkey:6379/0"
AS_IN_THE_IMAGE = """
import json, os, sys
from importlib.metadata import packages_distributions

installed = {name.lower().replace("_", "-") for name in json.loads(os.environ["IMAGE"])}
absent = {
    module
    for module, owners in packages_distributions().items()
    if not any(owner.lower().replace("_", "-") in installed for owner in owners)
}

class Image:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)

sys.meta_path.insert(0, Image())
from tidegate_cli.__main__ import main
sys.exit(main())
"""
"""Runs the command where modules of packages that the image does not hold cannot be imported."""


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_credentials_are_made_once(secrets: Path, configuration: Configuration) -> None:
    """A second run of the first step changes no byte."""
    before = _files(secrets)
    shards = shards_of(configuration, definitions_of(configuration))
    hand_out(secrets, REDIS_URL, shards)
    assert _files(secrets) == before


def test_services_files_are_private(secrets: Path) -> None:
    """Only their owner reads them; the servers' images choose their own users."""
    for name in ("deploy", *SERVICE_NAMES):
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (secrets / name).iterdir()}
        assert set(modes.values()) == {0o600}, name


def test_no_two_readers_share_a_password(secrets: Path) -> None:
    """Every service's NATS password is its own."""
    texts = [(secrets / name / "nats.creds").read_text().strip() for name in SERVICE_NAMES]
    assert [text.partition(":")[0] for text in texts] == list(SERVICE_NAMES)
    assert len({text.partition(":")[2] for text in texts}) == len(SERVICE_NAMES)


def test_every_service_knows_the_two_principals(secrets: Path) -> None:
    """Operator and approver are two people for each service, and the same two."""
    for name in SERVICE_NAMES:
        assert Principals.load(secrets / name).names == ("approver", "operator")


def test_an_address_is_given_its_credentials() -> None:
    """The password goes in front of the server; options stay."""
    url = with_credentials("postgresql://server:5432/db?sslmode=disable", "me", Secret("pw"))
    assert url == "postgresql://me:pw@server:5432/db?sslmode=disable"


def test_market_data_is_deployed_without_its_packages(configuration: Configuration) -> None:
    """Its durables' permissions need its shard's name only, which the configuration tells."""
    shards = shards_of(configuration, definitions_of(configuration))
    assert set(shards) == set(SERVICE_NAMES)
    assert shards["market-data"] == [f"market-data/{s.feed_name}" for s in configuration.sessions]


def test_a_wrong_configuration_stops_the_job(
    configuration: Configuration, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a service would refuse is refused before anything is made."""
    session = configuration.sessions[0].model_copy(update={"limits": {"no_such_limit": 1}})
    path, secrets = tmp_path / "tidegate.yaml", tmp_path / "secrets"
    path.write_text(dump(configuration.model_copy(update={"sessions": (session,)})))
    arguments = [f"--config={path}", f"--secrets={secrets}", f"--redis-url={REDIS_URL}"]
    assert main(["deploy", "credentials", *arguments]) == 2
    assert "no_such_limit" in capsys.readouterr().err
    assert not secrets.exists()


def test_nats_server_takes_the_settings_and_the_accounts(secrets: Path, tmp_path: Path) -> None:
    """The committed settings and the generated accounts together are valid."""
    settings = tmp_path / "nats.conf"
    settings.write_text(
        NATS_SETTINGS.read_text(encoding="utf-8").replace('"/data"', json.dumps(str(tmp_path)))
    )
    (tmp_path / "accounts").symlink_to(secrets / "nats")
    command = [str(binaries.nats_server()), "-c", str(settings), "-t"]
    tested = subprocess.run(command, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr


def test_nats_is_set_as_the_embedded_server_is(tmp_path: Path) -> None:
    """What is acknowledged is on the disk, in containers as on one machine."""
    server = NatsServer(Place(tmp_path / "nats", port=4222))
    server.folder.mkdir()
    server._prepare()
    embedded = _settings((server.folder / "nats.conf").read_text(encoding="utf-8"))
    ours = _settings(NATS_SETTINGS.read_text(encoding="utf-8"))
    differing = {"listen", "server_name", "store_dir"}
    assert {k: v for k, v in embedded.items() if k not in differing} == {
        k: ours[k] for k in embedded if k not in differing
    }


def _settings(text: str) -> dict[str, str]:
    pairs = (line.split("#")[0].partition(": ") for line in text.splitlines())
    return {name.strip(): value.strip() for name, found, value in pairs if found}


@pytest.fixture
def installation(tmp_path: Path, postgres: PostgresServer) -> Path:
    """Give a secrets folder for the test's own PostgreSQL, whose password is already there."""
    folder = tmp_path / "secrets"
    (folder / "deploy").mkdir(parents=True)
    (folder / "deploy" / "postgres.password").write_text(
        postgres.url.partition("//")[2].partition("@")[0].partition(":")[2]
    )
    assert postgres.url.startswith(f"postgresql://{ADMINISTRATOR}:")
    return folder


@pytest.mark.real
async def test_the_job_prepares_real_servers_twice(
    installation: Path, postgres: PostgresServer
) -> None:
    """Databases and streams are there, and each service gets in with what it was given."""
    common = [f"--config={TEMPLATE}", f"--secrets={installation}"]
    made = _job("credentials", *common, f"--redis-url={REDIS_URL}")
    assert made.returncode == 0, made.stderr
    accounts = (installation / "nats" / "accounts.conf").read_text()
    place = Place(installation.parent / "nats", dies_with_launcher=True)
    with NatsServer(place, accounts=accounts) as server:
        for _ in range(2):
            address = f"postgresql://127.0.0.1:{postgres.port}/postgres"
            where = [f"--database-url={address}", f"--nats-url={server.url}"]
            applied = _job("apply", *common, *where)
            assert applied.returncode == 0, applied.stderr
        await _require_streams(installation, server.url)
    for service in SERVICE_NAMES:
        connection = await connect((installation / service / "database.url").read_text())
        try:
            assert await connection.fetchval("SELECT count(*) FROM journal") == 0
        finally:
            await connection.close()
    await drop_databases(postgres.url, SERVICE_NAMES)


def _job(step: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    # A process of its own, as in the container, with nothing but what the image holds.
    return subprocess.run(
        [sys.executable, "-c", AS_IN_THE_IMAGE, "deploy", step, *arguments],
        env={"PATH": os.environ["PATH"], "IMAGE": json.dumps(sorted(_packages_of_the_image()))},
        capture_output=True,
        text=True,
        check=False,
    )


def _packages_of_the_image() -> set[str]:
    """Return what the deploy job's image installs: its lock, and the workspace's members."""
    lock = (ROOT / "deploy" / "compose" / "requirements.lock").read_text(encoding="utf-8")
    dockerfile = (ROOT / "deploy" / "compose" / "Dockerfile").read_text(encoding="utf-8")
    members = re.findall(r" \./([\w/-]+)", dockerfile)
    names = {"proto": "tidegate-contracts"}
    return set(re.findall(r"^([a-z0-9][a-z0-9.-]*)==", lock, re.MULTILINE)) | {
        names.get(member, f"tidegate-{Path(member).name}") for member in members
    }


async def _require_streams(installation: Path, url: str) -> None:
    for service in ("deploy", *SERVICE_NAMES):
        user, password = read_credentials(credentials_file(kept(installation), service))
        client = await nats.connect(
            url, user=user, password=password, inbox_prefix=inbox_prefix(service).encode()
        )
        if service == "deploy":
            streams = await client.jetstream().streams_info()
            assert {each.config.name for each in streams} == set(STREAMS)
        await client.close()
