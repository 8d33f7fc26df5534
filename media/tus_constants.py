"""The fixed words of tus 1.0 as this project speaks it."""

from typing import Final

VERSION: Final = "1.0.0"
EXTENSIONS: Final = (
    "creation",
    "creation-with-upload",
    "creation-defer-length",
    "checksum",
    "termination",
    "expiration",
)
CHECKSUM_ALGORITHMS: Final = ("sha1", "sha256")
CONTENT_TYPE: Final = "application/offset+octet-stream"

#: Largest upload in bytes when the caller names no other limit: 4 GiB holds an hour of 1080p video.
MAXIMUM_SIZE: Final = 4 * 1024**3

METADATA_MAXIMUM_LENGTH: Final = 4096
METADATA_MAXIMUM_KEYS: Final = 16
METADATA_MAXIMUM_KEY_LENGTH: Final = 64

#: Methods a POST may stand for through `X-HTTP-Method-Override`, where a network lets only GET and POST pass.
OVERRIDABLE_METHODS: Final = frozenset({"PATCH", "DELETE", "HEAD"})
