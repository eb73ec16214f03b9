"""The embedded PostgreSQL, for real: started, raced for, killed, moved to awkward places, and refused with clear words."""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from halles.kernel import postgres
from halles.kernel.errors import Unavailable, all_kinds
from halles.kernel.postgres import config, words
from halles.kernel.postgres.postmaster import exists, read

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand the server to another user")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")


@pytest.fixture
def data_dir(tmp_path: Path) -> Generator[Path]:
    """A folder whose server, whatever a test made of it, is gone afterwards."""
    yield from _used(tmp_path / "data")


def _used(folder: Path) -> Generator[Path]:
    yield folder
    with suppress(Unavailable):
        postgres.stop(folder, mode="immediate")


def _ask(server: postgres.Postgres, sql: str) -> object:
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(sql.encode()).fetchone()
    return row[0] if row else None


def _started_by(folder: Path) -> bool:
    return postgres.ensure_running(folder, durable=False).started_here


def test_starts_once_and_is_found_again(data_dir: Path) -> None:
    assert postgres.status(data_dir) is None
    first = postgres.ensure_running(data_dir, durable=False)
    again = postgres.ensure_running(data_dir, durable=False)
    assert first.started_here
    assert not again.started_here
    assert again.pid == first.pid
    assert postgres.status(data_dir) == again
    assert _ask(first, "select current_user || ' ' || current_setting('listen_addresses')") == "halles "
    assert first.version == _ask(first, "select current_setting('server_version_num')::int / 10000")
    assert "ready to accept connections" in first.log_file.read_text()


def test_text_is_unicode_ordered_by_code_point(data_dir: Path) -> None:
    server = postgres.ensure_running(data_dir, durable=False)
    assert _ask(server, "select upper('ärger')") == "ÄRGER"
    assert _ask(server, "select 'Z' < 'a'") is True
    assert _ask(server, "select to_tsvector('simple', 'Привет')::text") == "'привет':1"


@pytest.mark.parametrize(("durable", "expected"), [(True, "on on on"), (False, "off off off")])
def test_durable_unless_told_otherwise(data_dir: Path, durable: bool, expected: str) -> None:
    server = postgres.ensure_running(data_dir, durable=durable, extra={"max_connections": "17"})
    settings = " || ' ' || ".join(
        f"current_setting('{name}')" for name in ("fsync", "synchronous_commit", "full_page_writes")
    )
    assert _ask(server, f"select {settings}") == expected
    assert _ask(server, "show max_connections") == "17"
    assert _ask(server, "show data_checksums") == "on"


def test_own_settings_survive_a_restart_and_win(data_dir: Path) -> None:
    postgres.ensure_running(data_dir, durable=False)
    postgres.stop(data_dir)
    (data_dir / "postgres" / "cluster" / "local.conf").write_text("work_mem = '31MB'\n")
    assert _ask(postgres.ensure_running(data_dir, durable=False), "show work_mem") == "31MB"


def test_stop_ends_it_and_forgives_a_second_time(data_dir: Path) -> None:
    server = postgres.ensure_running(data_dir, durable=False)
    postgres.stop(data_dir)
    assert not exists(server.pid)
    assert postgres.status(data_dir) is None
    postgres.stop(data_dir)
    postgres.stop(data_dir / "never made")


def test_is_out_of_reach_of_the_terminal(data_dir: Path) -> None:
    server = postgres.ensure_running(data_dir, durable=False)
    assert os.getsid(server.pid) != os.getsid(0)
    assert os.getpgid(server.pid) != os.getpgid(0)


def test_killed_it_recovers_what_was_committed(data_dir: Path) -> None:
    server = postgres.ensure_running(data_dir)
    with psycopg.connect(server.dsn) as connection:
        connection.execute("create table kept as select generate_series(1, 1000) as n")
    os.kill(server.pid, signal.SIGKILL)
    while exists(server.pid):
        time.sleep(0.001)
    recovered = postgres.ensure_running(data_dir)
    assert recovered.started_here
    assert recovered.pid != server.pid
    assert recovered.dsn == server.dsn
    assert _ask(recovered, "select count(*) from kept") == 1000


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc")
def test_a_stale_pid_file_whose_number_lives_again_is_no_server(data_dir: Path) -> None:
    server = postgres.ensure_running(data_dir, durable=False)
    pid_file = data_dir / "postgres" / "cluster" / "postmaster.pid"
    told = pid_file.read_text().replace(str(server.pid), str(os.getpid()), 1)
    postgres.stop(data_dir)
    pid_file.write_text(told)
    found = read(data_dir / "postgres" / "cluster")
    assert found is not None
    assert found.pid == os.getpid()
    assert postgres.status(data_dir) is None
    assert postgres.ensure_running(data_dir, durable=False).started_here


def test_a_server_that_lost_its_socket_is_started_again(data_dir: Path) -> None:
    server = postgres.ensure_running(data_dir, durable=False)
    (data_dir / "postgres" / "run" / f".s.PGSQL.{config.PORT}").unlink()
    again = postgres.ensure_running(data_dir, durable=False)
    assert again.pid != server.pid
    assert _ask(again, "select 1") == 1


def test_an_interrupted_first_start_is_begun_again(data_dir: Path) -> None:
    half = data_dir / "postgres" / "cluster.new" / "base"
    half.mkdir(parents=True)
    assert postgres.ensure_running(data_dir, durable=False).started_here
    assert not half.parent.exists()


def test_racing_processes_share_one_server(data_dir: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert sorted(pool.map(_started_by, [data_dir] * 3)) == [False, False, True]


@pytest.mark.parametrize("name", ["with blank", "quo'te \"s", "back\\slash", "comma,s", "Москва", "l" * 120])
def test_awkward_folders(tmp_path: Path, name: str) -> None:
    for data_dir in _used(tmp_path / name / "data"):
        server = postgres.ensure_running(data_dir, durable=False)
        assert _ask(server, "select 1") == 1
        found = read(data_dir / "postgres" / "cluster")
        assert found is not None
        assert stat.S_IMODE(found.socket_dir.stat().st_mode) == 0o700
        postgres.stop(data_dir)
        assert found.socket_dir.exists() == found.socket_dir.is_relative_to(data_dir)


def test_a_socket_folder_of_somebody_elses_is_refused(tmp_path: Path) -> None:
    for data_dir in _used(tmp_path / ("l" * 120)):
        server = postgres.ensure_running(data_dir, durable=False)
        found = read(data_dir / "postgres" / "cluster")
        assert found is not None
        assert not server.dsn.endswith("run")
        postgres.stop(data_dir)
        found.socket_dir.symlink_to(tmp_path)
        try:
            with pytest.raises(postgres.PostgresDenied, match="belongs to somebody else"):
                postgres.ensure_running(data_dir, durable=False)
        finally:
            found.socket_dir.unlink()


@as_root
def test_root_leaves_closed_parents_as_they_are(tmp_path: Path) -> None:
    closed = tmp_path / "home of root"
    closed.mkdir(mode=0o700)
    for data_dir in _used(closed / "data"):
        server = postgres.ensure_running(data_dir, durable=False)
        assert _ask(server, "select 1") == 1
        ran_as = Path(f"/proc/{server.pid}").stat().st_uid
        assert ran_as not in {0, closed.stat().st_uid}
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert closed.stat().st_uid == 0
        assert {path.stat().st_uid for path in (data_dir / "postgres" / "cluster").rglob("*")} == {ran_as}


@as_user
def test_a_read_only_parent_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(postgres.PostgresDenied, match="HALLES_DATA"):
        postgres.ensure_running(tmp_path / "data")


def test_a_setting_that_cannot_be_is_told_with_the_log(data_dir: Path) -> None:
    with pytest.raises(postgres.PostgresUnavailable, match="contains errors") as caught:
        postgres.ensure_running(data_dir, durable=False, extra={"no_such_setting": "1"})
    assert "no_such_setting" in caught.value.log_tail


def test_data_of_another_major_version_is_never_touched(data_dir: Path) -> None:
    postgres.ensure_running(data_dir, durable=False)
    postgres.stop(data_dir)
    (data_dir / "postgres" / "cluster" / "PG_VERSION").write_text("9\n")
    with pytest.raises(postgres.PostgresVersionMismatch, match="PostgreSQL 9"):
        postgres.ensure_running(data_dir, durable=False)


def test_a_named_folder_without_binaries_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_PG_BIN", str(tmp_path))
    with pytest.raises(postgres.PostgresMissing, match=str(tmp_path)):
        postgres.find_binaries()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('FATAL:  could not write to file "pg_wal/x": No space left on device', postgres.PostgresDiskFull),
        ("HINT:  Check free disk space.", postgres.PostgresDiskFull),
        ('FATAL:  could not open file "global/pg_control": Permission denied', postgres.PostgresDenied),
        ('FATAL:  lock file "postmaster.pid" already exists', postgres.PostgresUnavailable),
    ],
)
def test_what_the_log_says_becomes_a_kind(tmp_path: Path, line: str, kind: type[Unavailable]) -> None:
    log = tmp_path / "log" / "startup.log"
    log.parent.mkdir()
    log.write_text(f"2026-01-01 UTC [1] LOG:  starting\n2026-01-01 UTC [1] {line}\n")
    refusal = words.start_failed(tmp_path, since=time.time())
    assert type(refusal) is kind
    assert line in refusal.log_tail
    assert str(tmp_path) in refusal.message


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in all_kinds() if issubclass(kind, postgres.PostgresUnavailable)]
    assert len(codes) == len(set(codes)) == 5


def test_memory_bounds_the_shared_buffers() -> None:
    def shared(gib: float) -> str:
        text = config.server_conf(
            socket_dir=Path("/r"), log_dir=Path("/l"), memory_bytes=int(gib * 2**30), durable=True, extra={}
        )
        return next(line for line in text.splitlines() if line.startswith("shared_buffers"))

    assert [shared(gib) for gib in (0.1, 1, 64)] == [f"shared_buffers = '{mib}MB'" for mib in (32, 128, 256)]
