"""Bytes, pure: resumable uploads, where bytes live, what they are, and what can be read from a photo.

Contract: functions from values to values and one `Store` protocol, on the standard library, Pillow and minio.
What a request must not do is raised as `tus.TusError`, what a store cannot do as `StoreError`, a photo that
is none as `UnreadableImage`. Nothing is logged, nothing is configured from the environment.

Not here: who may see what, which record a photo belongs to, how long an upload is kept, locks between
requests, HTTP and the database. That is `server.evidence`.
"""

from media import tus
from media.bucket import Bucket
from media.images import ImageFacts, Photo, UnreadableImage, inspect_image, make_thumbnail
from media.likeness import Likeness, fingerprint
from media.listing import Listing
from media.local_store import LocalStore
from media.memory_store import MemoryStore
from media.opening import StoreUrlError, open_store
from media.reading import Piece, Reading
from media.s3_multipart_store import S3MultipartStore
from media.s3_store import S3Store
from media.sniffing import SNIFF_LENGTH, Kind, sniff
from media.store import Progress, Store, StoredObject, Writing
from media.store_refusals import (
    DigestMismatch,
    ObjectUnknown,
    StoreError,
    StoreFull,
    StoreUnavailable,
    UploadUnknown,
    WrongOffset,
    WrongRange,
)

__all__ = [
    "SNIFF_LENGTH",
    "Bucket",
    "DigestMismatch",
    "ImageFacts",
    "Kind",
    "Likeness",
    "Listing",
    "LocalStore",
    "MemoryStore",
    "ObjectUnknown",
    "Photo",
    "Piece",
    "Progress",
    "Reading",
    "S3MultipartStore",
    "S3Store",
    "Store",
    "StoreError",
    "StoreFull",
    "StoreUnavailable",
    "StoreUrlError",
    "StoredObject",
    "UnreadableImage",
    "UploadUnknown",
    "Writing",
    "WrongOffset",
    "WrongRange",
    "fingerprint",
    "inspect_image",
    "make_thumbnail",
    "open_store",
    "sniff",
    "tus",
]
