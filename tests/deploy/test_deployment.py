"""The deploy job: what it makes, for whom, and that it may be repeated."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import nats
import pytest

import tidegate_deployment.__main__ as job
from tidegate_chassis.configuration import SERVICE_NAMES, Configuration, ConfigurationError
from tidegate_chassis.database import connect, drop_databases
from tidegate_chassis.embedded import NatsServer, Place, PostgresServer, binaries
from tidegate_chassis.security import Principals, Secret
from tidegate_contracts.permissions import inbox_prefix
from tidegate_contracts.subjects import STREAMS
from tidegate_deployment.credentials import Credentials, with_credentials
from tidegate_deployment.servers import ADMINISTRATOR
from tidegate_deployment.topology import definitions_of, require_valid, shards_of

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "cli" / "src" / "tidegate_cli" / "templates" / "demo.yaml"
NATS_SETTINGS = ROOT / "deploy" / "compose" / "nats.conf"
REDIS_URL = "redis://valkey:6379/0"


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
    Credentials(secrets).write(REDIS_URL, shards)
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


def test_a_wrong_configuration_stops_the_job(configuration: Configuration) -> None:
    """What a service would refuse is refused before anything is made."""
    session = configuration.sessions[0].model_copy(update={"limits": {"no_such_limit": 1}})
    wrong = configuration.model_copy(update={"sessions": (session,)})
    require_valid(configuration)
    with pytest.raises(ConfigurationError, match="no_such_limit"):
        require_valid(wrong)


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
    assert job.main([*common, "credentials", f"--redis-url={REDIS_URL}"]) == 0
    accounts = (installation / "nats" / "accounts.conf").read_text()
    place = Place(installation.parent / "nats", dies_with_launcher=True)
    with NatsServer(place, accounts=accounts) as server:
        for _ in range(2):
            applied = _apply(common, postgres.port, server.url)
            assert applied.returncode == 0, applied.stderr
        await _require_streams(installation, server.url)
    for service in SERVICE_NAMES:
        connection = await connect((installation / service / "database.url").read_text())
        try:
            assert await connection.fetchval("SELECT count(*) FROM journal") == 0
        finally:
            await connection.close()
    await drop_databases(postgres.url, SERVICE_NAMES)


def _apply(common: list[str], port: int, nats_url: str) -> subprocess.CompletedProcess[str]:
    # A process of its own, as in the container: it brings its own event loop.
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "tidegate_deployment",
            *common,
            "apply",
            f"--database-url=postgresql://127.0.0.1:{port}/postgres",
            f"--nats-url={nats_url}",
        ],
        cwd=ROOT / "deploy" / "compose",
        capture_output=True,
        text=True,
        check=False,
    )


async def _require_streams(installation: Path, url: str) -> None:
    for service in ("deploy", *SERVICE_NAMES):
        password = Credentials(installation).nats_password(service).reveal()
        client = await nats.connect(
            url, user=service, password=password, inbox_prefix=inbox_prefix(service).encode()
        )
        if service == "deploy":
            streams = await client.jetstream().streams_info()
            assert {each.config.name for each in streams} == set(STREAMS)
        await client.close()
