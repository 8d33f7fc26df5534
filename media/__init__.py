"""Bytes, pure: resumable uploads, where bytes live, what they are, what can be read from them and made of them.

Contract: functions from values to values, one `Store` protocol, and one `Looker` that opens strangers' files in a
process of its own; on the standard library, Pillow, PyAV and minio. What a request must not do is raised as
`tus.TusError`, what a store cannot do as `StoreError`, a file that nothing can be made of as `UnreadableMedia`.
Nothing is logged, nothing is configured from the environment.

Not here: who may see what, which record a photo belongs to, how long an upload is kept, locks between
requests, HTTP and the database. That is `server.evidence`.
"""

from media import derivatives, tus
from media.bucket import Bucket
from media.images import smaller_jpeg
from media.lettering import missing_characters
from media.likeness import Likeness
from media.listing import Listing
from media.local_store import LocalStore
from media.looker import Limits, Look, Looker
from media.memory_store import MemoryStore
from media.opening import StoreUrlError, open_bucket, open_store
from media.originals import original_file, sm3
from media.reading import Piece, Readable, Reading
from media.s3_multipart_store import S3MultipartStore
from media.s3_store import S3Store
from media.sniffing import SNIFF_LENGTH, Kind, sniff
from media.stamping import Stamp, Unprintable
from media.store import Progress, Store, StoredObject, Writing, finish_together
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
from media.unreadable import LookingInterrupted, UnreadableMedia

__all__ = [
    "SNIFF_LENGTH",
    "Bucket",
    "DigestMismatch",
    "Kind",
    "Likeness",
    "Limits",
    "Listing",
    "LocalStore",
    "Look",
    "Looker",
    "LookingInterrupted",
    "MemoryStore",
    "ObjectUnknown",
    "Piece",
    "Progress",
    "Readable",
    "Reading",
    "S3MultipartStore",
    "S3Store",
    "Stamp",
    "Store",
    "StoreError",
    "StoreFull",
    "StoreUnavailable",
    "StoreUrlError",
    "StoredObject",
    "Unprintable",
    "UnreadableMedia",
    "UploadUnknown",
    "Writing",
    "WrongOffset",
    "WrongRange",
    "derivatives",
    "finish_together",
    "missing_characters",
    "open_bucket",
    "open_store",
    "original_file",
    "sm3",
    "smaller_jpeg",
    "sniff",
    "tus",
]
