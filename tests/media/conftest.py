"""Stores of every kind, and photos made on the spot."""

import hashlib
import io
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from media import (
    LocalStore,
    MemoryStore,
    Progress,
    S3MultipartStore,
    S3Store,
    Store,
    StoredObject,
    StoreError,
    StoreUnavailable,
    UploadUnknown,
)
from tests.s3 import PART_SIZE, S3Service, running_moto, running_rclone


@pytest.fixture(scope="session")
def rclone_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Service]:
    with running_rclone(tmp_path_factory.mktemp("s3")) as service:
        yield service


@pytest.fixture(scope="session")
def moto_service() -> Iterator[S3Service]:
    with running_moto() as service:
        yield service


@pytest.fixture(params=["rclone", "moto"])
def s3_service(request: pytest.FixtureRequest) -> S3Service:
    """Each S3 service there is here: one for its signatures and its disk, one for its multipart uploads."""
    return request.getfixturevalue(f"{request.param}_service")


@dataclass(frozen=True)
class Host:
    """Opens one and the same store as hosts of different names do.

    They share what that kind of store has to share, and nothing else.
    """

    kind: str
    open_store: Callable[[str], Store]

    def __call__(self, name: str) -> Store:
        return self.open_store(name)

    @property
    def says_what_is_lost(self) -> type[StoreError]:
        """What a store raises when its bucket has forgotten an upload; moto's server fails, see its gaps."""
        return StoreUnavailable if self.kind == "parts-moto" else UploadUnknown


@pytest.fixture(params=["memory", "local", "staged-rclone", "staged-moto", "parts-rclone", "parts-moto"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    """Each kind of store there is: what holds for one holds for all."""
    kind, _, server = request.param.partition("-")
    if kind == "memory":
        store = MemoryStore()
        return Host("memory", lambda _name: store)
    if kind == "local":
        return Host("local", lambda _name: LocalStore(tmp_path / "media", reserve_bytes=0))
    service: S3Service = request.getfixturevalue(f"{server}_service")
    bucket = service.bucket(service.make_bucket())
    if kind == "staged":
        return Host(request.param, lambda _: S3Store(bucket, staging=tmp_path / "staging", reserve_bytes=0))
    return Host(
        request.param,
        lambda name: S3MultipartStore(
            bucket, spool=tmp_path / f"spool of {name}", reserve_bytes=0, part_size=PART_SIZE
        ),
    )


@pytest.fixture
def store(host: Host) -> Store:
    return host("here")


@pytest.fixture
def local_store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "media", reserve_bytes=0)


def put(store: Store, upload_id: str, content: bytes, progress: Progress | None = None) -> Progress:
    """Write bytes as one request does, and answer what its row would keep, as a row keeps it."""
    progress = progress or store.begin(upload_id, 10**8)
    with store.write(upload_id, progress) as writing:
        writing.write(content)
        return as_kept(writing.flush())


def as_kept(progress: Progress) -> Progress:
    return Progress(progress.offset, json.loads(json.dumps(progress.notes)))


def finish(store: Store, upload_id: str, progress: Progress, sha256: str | None = None) -> StoredObject:
    with store.write(upload_id, progress) as writing:
        return writing.finish(sha256)


@pytest.fixture
def stored(store: Store) -> Callable[[bytes], str]:
    """Store bytes as a finished object and answer their hash."""

    def store_whole(content: bytes) -> str:
        upload_id = uuid.uuid4().hex
        progress = put(store, upload_id, content)
        sha256 = finish(store, upload_id, progress, hashlib.sha256(content).hexdigest()).sha256
        store.discard(upload_id, progress)
        return sha256

    return store_whole


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
