"""An original as a file with a descriptor, wherever it is kept; and its SM3."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from cryptography.hazmat.primitives import hashes

from media.reading import PIECE_SIZE
from media.staging import disk_errors
from media.store import KeepsFiles, Store
from media.store_refusals import StoreFull


@contextmanager
def original_file(store: Store, sha256: str, folder: Path) -> Iterator[BinaryIO]:
    """Open an original for reading; one that is in a bucket is copied to `folder` first, and forgotten after.

    Raises `StoreError` while it is opened. No name leads to the copy: a process that is killed leaves none behind.
    """
    if isinstance(store, KeepsFiles):
        with store.open_file(sha256) as file:
            yield file
        return
    with _copied(store, sha256, folder) as copy:
        yield copy


def _copied(store: Store, sha256: str, folder: Path) -> BinaryIO:
    with disk_errors(), store.open(sha256) as reading:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < 2 * reading.length:
            raise StoreFull(f"there is no room in {folder} for a copy of {reading.length} bytes")
        copy = cast("BinaryIO", tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - the caller closes it
        try:
            for piece in reading:
                copy.write(piece)
            copy.seek(0)
        except BaseException:
            copy.close()
            raise
    return copy


def sm3(file: BinaryIO) -> str:
    """Return the SM3 (GB/T 32905) of a whole file in lower-case hex. Raises `StoreUnavailable`."""
    digest = hashes.Hash(hashes.SM3())
    with disk_errors():
        file.seek(0)
        while piece := file.read(PIECE_SIZE):
            digest.update(piece)
        file.seek(0)
    return digest.finalize().hex()
