"""Bytes, pure: resumable uploads, where bytes live, what they are, and what can be read from a photo.

Contract: functions from values to values and one `Store` protocol, on the standard library, Pillow and minio.
What a request must not do is raised as `tus.TusError`, what a store cannot do as `StoreError`, a photo that
is none as `UnreadableImage`. Nothing is logged, nothing is configured from the environment.

Not here: who may see what, which record a photo belongs to, how long an upload is kept, locks between
requests, HTTP and the database. That is `server.evidence`.
"""

from media import tus
from media.local_store import LocalStore
from media.reading import Readable, Reading, Source
from media.sniffing import SNIFF_LENGTH, Kind, sniff
from media.store import Store, StoredObject
from media.store_refusals import (
    DigestMismatch,
    ObjectUnknown,
    StoreError,
    StoreFull,
    StoreUnavailable,
    UploadExists,
    UploadUnknown,
    WrongOffset,
    WrongRange,
)

__all__ = [
    "SNIFF_LENGTH",
    "DigestMismatch",
    "Kind",
    "LocalStore",
    "ObjectUnknown",
    "Readable",
    "Reading",
    "Source",
    "Store",
    "StoreError",
    "StoreFull",
    "StoreUnavailable",
    "StoredObject",
    "UploadExists",
    "UploadUnknown",
    "WrongOffset",
    "WrongRange",
    "sniff",
    "tus",
]
