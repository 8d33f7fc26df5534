"""From a setting to a store."""

from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from media.bucket import Bucket
from media.local_store import DEFAULT_RESERVE_BYTES, LocalStore
from media.s3_multipart_store import S3MultipartStore
from media.s3_store import S3Store
from media.store import Store


class StoreUrlError(ValueError):
    """The setting does not name a store. The message never repeats the URL, which may hold a secret."""


def open_store(url: str, reserve_bytes: int = DEFAULT_RESERVE_BYTES) -> Store:
    """The store a URL names; `reserve_bytes` stay free on the local disk.

    * `file:///srv/merestone/media` — a folder, made when it is not there.
    * `s3://key:secret@host:port/bucket?secure=false&region=cn-north-1` — a bucket that exists; `secure` is true and
      `region` is `us-east-1` unless given. Key and secret are percent-encoded. Uploads grow in the bucket; what one
      request has brought waits in the folder `spool`, the system's own unless given.
    * `s3://key:secret@host:port/bucket?staging=/srv/uploads` — the same, and uploads grow in a folder that all
      processes share.

    Nothing is asked of the service yet. Raises `StoreUrlError`, `StoreUnavailable` for a folder that cannot
    be made.
    """
    parts = _split(url)
    if parts.scheme == "file":
        return _open_folder(parts, reserve_bytes)
    if parts.scheme == "s3":
        return _open_store_in_bucket(parts, reserve_bytes)
    raise _refuse("须以 file:// 或 s3:// 开头", "must start with file:// or s3://")


def open_bucket(url: str) -> Bucket:
    """The bucket that the URL of a store in one names, for what is no media. Raises `StoreUrlError`."""
    parts = _split(url)
    if parts.scheme != "s3":
        raise _refuse("须以 s3:// 开头", "must start with s3://")
    return _open_bucket(parts)[0]


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - it raises here, or never
    except ValueError as error:
        raise _refuse("格式错误", "is malformed") from error
    if parts.fragment:
        raise _refuse("不能含 #", "must not hold a '#' (percent-encode it as %23)")
    return parts


def _open_folder(parts: SplitResult, reserve_bytes: int) -> LocalStore:
    if parts.netloc or parts.query or not parts.path.startswith("/"):
        raise _refuse("应形如 file:///绝对路径", "must look like file:///absolute/path")
    return LocalStore(Path(unquote(parts.path)), reserve_bytes)


def _open_bucket(parts: SplitResult) -> tuple[Bucket, dict[str, str]]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(options.keys() - {"staging", "spool", "secure", "region"})
    if unknown:
        raise _refuse("含未知选项", f"has unknown options: {', '.join(unknown)}")
    name = unquote(parts.path).strip("/")
    if not parts.hostname or not name or "/" in name:
        raise _refuse("应形如 s3://主机/存储桶", "must name a host and one bucket: s3://host/bucket")
    if not parts.username or not parts.password:
        raise _refuse("缺少密钥", "must hold an access key and a secret: s3://key:secret@host/bucket")
    if options.keys() >= {"staging", "spool"}:
        raise _refuse("的 staging 与 spool 只能选一", "has either staging or spool")
    for folder in options.keys() & {"staging", "spool"}:
        if not options[folder].startswith("/"):
            raise _refuse(f"的 {folder} 须为绝对路径", f"must say {folder}=/absolute/path")
    secure = options.get("secure", "true")
    if secure not in {"true", "false"}:
        raise _refuse("的 secure 须为 true 或 false", "must say secure=true or secure=false")
    bucket = Bucket(
        parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}",
        unquote(parts.username),
        unquote(parts.password),
        name,
        secure=secure == "true",
        region=options.get("region") or None,
    )
    return bucket, options


def _open_store_in_bucket(parts: SplitResult, reserve_bytes: int) -> Store:
    bucket, options = _open_bucket(parts)
    if "staging" in options:
        return S3Store(bucket, staging=Path(options["staging"]), reserve_bytes=reserve_bytes)
    spool = Path(options["spool"]) if "spool" in options else None
    return S3MultipartStore(bucket, spool=spool, reserve_bytes=reserve_bytes)


def _refuse(reason_zh: str, reason_en: str) -> StoreUrlError:
    return StoreUrlError(f"媒体存储地址{reason_zh}。The media store's URL {reason_en}.")
