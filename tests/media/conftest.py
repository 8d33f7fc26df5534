"""Stores of every kind, a real S3 service, and photos made on the spot."""

import hashlib
import io
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from media import LocalStore, MemoryStore, S3Store, Store
from tests.s3 import S3Service, running_s3


@pytest.fixture(scope="session")
def s3_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Service]:
    """`rclone serve s3` on a free port of its own choosing; one per test process."""
    with running_s3(tmp_path_factory.mktemp("s3")) as service:
        yield service


@pytest.fixture
def s3_store(s3_service: S3Service, tmp_path: Path) -> S3Store:
    """A store in a bucket of its own."""
    bucket = f"media-{uuid.uuid4().hex[:12]}"
    s3_service.make_bucket(bucket)
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
