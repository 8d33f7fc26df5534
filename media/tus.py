"""The rules of resumable uploads (tus 1.0.0) as functions from header values to values or refusals.

No request, no response, no storage: the caller brings header values as text (`None` when absent) and gets a
value back, or a `TusError` that knows its status, code, message and headers. A server asks them in
this order: version, content type, metadata, length, offset.
Source: https://tus.io/protocols/resumable-upload, version 1.0.0.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field

from media.tus_checksum import Checksum, parse_checksum
from media.tus_constants import (
    CHECKSUM_ALGORITHMS,
    CONTENT_TYPE,
    EXTENSIONS,
    MAXIMUM_SIZE,
    METADATA_MAXIMUM_KEY_LENGTH,
    METADATA_MAXIMUM_KEYS,
    METADATA_MAXIMUM_LENGTH,
    OVERRIDABLE_METHODS,
    VERSION,
)
from media.tus_headers import (
    CORS_ALLOW_HEADERS,
    CORS_ALLOW_METHODS,
    CORS_EXPOSE_HEADERS,
    cors_headers,
    creation_headers,
    expires_header,
    head_headers,
    option_headers,
    patch_headers,
    preflight_headers,
    termination_headers,
)
from media.tus_refusals import (
    BadHeader,
    ChecksumMismatch,
    Gone,
    Locked,
    NotFound,
    OffsetMismatch,
    TooLarge,
    TusError,
    WrongContentType,
    WrongVersion,
)

__all__ = [
    "CHECKSUM_ALGORITHMS",
    "CONTENT_TYPE",
    "CORS_ALLOW_HEADERS",
    "CORS_ALLOW_METHODS",
    "CORS_EXPOSE_HEADERS",
    "EXTENSIONS",
    "MAXIMUM_SIZE",
    "VERSION",
    "BadHeader",
    "Checksum",
    "ChecksumMismatch",
    "Gone",
    "Locked",
    "Metadata",
    "NotFound",
    "OffsetMismatch",
    "TooLarge",
    "TusError",
    "WrongContentType",
    "WrongVersion",
    "check_content_type",
    "check_length",
    "check_offset",
    "check_version",
    "cors_headers",
    "creation_headers",
    "effective_method",
    "expires_header",
    "head_headers",
    "option_headers",
    "parse_checksum",
    "parse_creation_length",
    "parse_metadata",
    "parse_upload_length",
    "parse_upload_offset",
    "patch_headers",
    "preflight_headers",
    "refuse_concatenation",
    "remaining_bytes",
    "termination_headers",
]

_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")
_METADATA_KEY = re.compile(r"[!-+\--~]+")  # printable ASCII without space and comma
_MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;[ -~]*)?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Metadata:
    """What a phone says about a file before sending it; all of it is a claim until the bytes have arrived.

    `sha256` is lower-case hex of the whole file, `record` the id of the record it was captured for, `raw` the
    header as sent, to be echoed by HEAD. `others` keeps the keys this project does not know, undecoded.
    """

    raw: str = ""
    filename: str | None = None
    filetype: str | None = None
    sha256: str | None = None
    record: str | None = None
    others: dict[str, bytes] = field(default_factory=dict)


def effective_method(method: str, override: str | None) -> str:
    """The method a request means: `X-HTTP-Method-Override` is obeyed on POST and ignored elsewhere.

    Raises `BadHeader` for a method that may not be stood in for.
    """
    if method.upper() != "POST" or override is None:
        return method.upper()
    meant = override.strip().upper()
    if meant not in OVERRIDABLE_METHODS:
        raise BadHeader("X-HTTP-Method-Override", "的取值不支持", "may be PATCH, DELETE or HEAD")
    return meant


def check_version(value: str | None, method: str) -> None:
    """Refuse a request whose `Tus-Resumable` is not ours, before anything else is looked at.

    OPTIONS is never checked (a rule of the protocol). GET and HEAD may leave the header out: a client that is
    told 412 on HEAD forgets its upload and starts again at byte 0. Raises `WrongVersion`.
    """
    if method.upper() == "OPTIONS":
        return
    if value is None and method.upper() in {"GET", "HEAD"}:
        return
    if value is None or value.strip() != VERSION:
        raise WrongVersion(value)


def check_content_type(value: str | None) -> None:
    """Refuse bytes that do not travel as `application/offset+octet-stream`. Raises `WrongContentType`."""
    if value is None or value.split(";")[0].strip().lower() != CONTENT_TYPE:
        raise WrongContentType(value)


def parse_upload_length(value: str | None, maximum: int = MAXIMUM_SIZE) -> int:
    """Size of the whole file in bytes, from `Upload-Length`. Raises `BadHeader`, `TooLarge`."""
    length = _parse_whole_number("Upload-Length", value)
    if length > maximum:
        raise TooLarge(length, maximum)
    return length


def parse_creation_length(
    length: str | None, deferred: str | None, maximum: int = MAXIMUM_SIZE
) -> int | None:
    """Size of the file a creation announces, from `Upload-Length`; None when `Upload-Defer-Length` is 1.

    Exactly one of the two must be there. Raises `BadHeader`, `TooLarge`.
    """
    if deferred is None:
        return parse_upload_length(length, maximum)
    if deferred.strip(" \t") != "1":
        raise BadHeader("Upload-Defer-Length", "只能是 1", "can only be 1")
    if length is not None:
        raise BadHeader("Upload-Defer-Length", "不能与 Upload-Length 同时出现", "excludes Upload-Length")
    return None


def refuse_concatenation(value: str | None) -> None:
    """Refuse to create a part of a file, from `Upload-Concat`: an extension that is not offered.

    Ignored, it would be found out when all the parts have been sent. Raises `BadHeader`.
    """
    if value is not None:
        raise BadHeader(
            "Upload-Concat", "不受支持，请整体上传", "is not offered: send the file as one upload"
        )


def check_length(sent: int, known: int | None, offset: int) -> None:
    """Refuse a length told after creation that changes one that is known, or has been passed already.

    The same length again is no change: the answer to the request that told it may have been lost.
    Raises `BadHeader`.
    """
    if known is not None and sent != known:
        raise BadHeader("Upload-Length", f"已定为 {known}，不能更改", f"is {known} and can't change")
    if sent < offset:
        raise BadHeader(
            "Upload-Length", f"小于已收到的 {offset} 字节", f"is less than the {offset} bytes here"
        )


def parse_upload_offset(value: str | None) -> int:
    """Byte at which the body of a PATCH continues, from `Upload-Offset`. Raises `BadHeader`."""
    return _parse_whole_number("Upload-Offset", value)


def check_offset(sent: int, current: int) -> None:
    """Refuse a PATCH that does not continue exactly where the upload stands. Raises `OffsetMismatch`."""
    if sent != current:
        raise OffsetMismatch(sent, current)


def remaining_bytes(offset: int, length: int, content_length: int | None = None) -> int:
    """How many bytes the body may still bring: none beyond is taken from the line.

    `content_length` is the size the body announces (`None` when chunked). Raises `TooLarge` when it announces
    more than the upload lacks.
    """
    remaining = length - offset
    if content_length is not None and content_length > remaining:
        raise TooLarge(offset + content_length, length)
    return remaining


def parse_metadata(value: str | None) -> Metadata:
    """Read `Upload-Metadata`: comma-separated `key base64` pairs, keys unique, values possibly absent.

    `filename`, `filetype`, `sha256` and `record` must be UTF-8 text without control characters; an empty
    value is the same as none. At most 4096 characters and 16 keys. Raises `BadHeader`.
    """
    raw = (value or "").strip()
    if len(raw) > METADATA_MAXIMUM_LENGTH:
        raise _bad_metadata("过长", f"is longer than {METADATA_MAXIMUM_LENGTH} characters")
    pairs = _split_metadata(raw) if raw else {}
    filetype = _text_value(pairs, "filetype", 127)
    if filetype is not None and not _MIME_TYPE.fullmatch(filetype):
        raise _bad_metadata("的 filetype 不是媒体类型", "has a filetype that is no media type")
    sha256 = _text_value(pairs, "sha256", 64)
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise _bad_metadata("的 sha256 不是 64 位十六进制", "has a sha256 that is not 64 hexadecimal digits")
    return Metadata(
        raw=raw,
        filename=_text_value(pairs, "filename", 255),
        filetype=filetype,
        sha256=sha256.lower() if sha256 else None,
        record=_text_value(pairs, "record", 128),
        others={k: v for k, v in pairs.items() if k not in {"filename", "filetype", "sha256", "record"}},
    )


def _parse_whole_number(header: str, value: str | None) -> int:
    if value is None:
        raise BadHeader(header, "缺失", "is missing")
    if not _WHOLE_NUMBER.fullmatch(value.strip(" \t")):
        raise BadHeader(header, "不是非负整数", "is not a whole number of bytes")
    return int(value)


def _split_metadata(raw: str) -> dict[str, bytes]:
    elements = raw.split(",")
    if len(elements) > METADATA_MAXIMUM_KEYS:
        raise _bad_metadata("的键过多", f"has more than {METADATA_MAXIMUM_KEYS} keys")
    pairs: dict[str, bytes] = {}
    for element in elements:
        key, _, encoded = element.strip(" ").partition(" ")
        if not _METADATA_KEY.fullmatch(key) or len(key) > METADATA_MAXIMUM_KEY_LENGTH:
            raise _bad_metadata("含空键或无效的键", "has an empty or invalid key")
        if key in pairs:
            raise _bad_metadata(f"的键 {key} 重复", f"has the key {key} twice")
        pairs[key] = _decode_base64(key, encoded.strip(" "))
    return pairs


def _decode_base64(key: str, encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _bad_metadata(f"的 {key} 不是 Base64", f"has a value of {key} that is not base64") from error


def _text_value(pairs: dict[str, bytes], key: str, maximum: int) -> str | None:
    """The value as text of at most `maximum` characters; None when absent or empty."""
    try:
        text = pairs.get(key, b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad_metadata(f"的 {key} 不是 UTF-8", f"has a value of {key} that is not UTF-8") from error
    if len(text) > maximum:
        raise _bad_metadata(f"的 {key} 过长", f"has a {key} of more than {maximum} characters")
    if _CONTROL.search(text):
        raise _bad_metadata(f"的 {key} 含控制字符", f"has control characters in {key}")
    return text or None


def _bad_metadata(reason_zh: str, reason_en: str) -> BadHeader:
    return BadHeader("Upload-Metadata", reason_zh, reason_en)
