"""From a setting to a store."""

from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from media.local_store import DEFAULT_RESERVE_BYTES, LocalStore
from media.s3_store import S3Store
from media.store import Store


class StoreUrlError(ValueError):
    """The setting does not name a store. The message never repeats the URL, which may hold a secret."""


def open_store(url: str, reserve_bytes: int = DEFAULT_RESERVE_BYTES) -> Store:
    """The store a URL names; `reserve_bytes` stay free on the local disk.

    * `file:///srv/merestone/media` — a folder, made when it is not there.
    * `s3://key:secret@host:port/bucket?staging=/srv/uploads&secure=false&region=cn-north-1` — a bucket that
      exists; `staging` is needed, `secure` is true and `region` is `us-east-1` unless given. Key and secret
      are percent-encoded.

    Nothing is asked of the service yet. Raises `StoreUrlError`, `StoreUnavailable` for a folder that cannot
    be made.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refuse("格式错误", "is malformed") from error
    if parts.fragment:
        raise _refuse("不能含 #", "must not hold a '#' (percent-encode it as %23)")
    if parts.scheme == "file":
        return _open_folder(parts, reserve_bytes)
    if parts.scheme == "s3":
        return _open_bucket(parts, port, reserve_bytes)
    raise _refuse("须以 file:// 或 s3:// 开头", "must start with file:// or s3://")


def _open_folder(parts: SplitResult, reserve_bytes: int) -> LocalStore:
    if parts.netloc or parts.query or not parts.path.startswith("/"):
        raise _refuse("应形如 file:///绝对路径", "must look like file:///absolute/path")
    return LocalStore(Path(unquote(parts.path)), reserve_bytes)


def _open_bucket(parts: SplitResult, port: int | None, reserve_bytes: int) -> S3Store:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(options.keys() - {"staging", "secure", "region"})
    if unknown:
        raise _refuse("含未知选项", f"has unknown options: {', '.join(unknown)}")
    bucket = unquote(parts.path).strip("/")
    if not parts.hostname or not bucket or "/" in bucket:
        raise _refuse("应形如 s3://主机/存储桶", "must name a host and one bucket: s3://host/bucket")
    if not parts.username or not parts.password:
        raise _refuse("缺少密钥", "must hold an access key and a secret: s3://key:secret@host/bucket")
    if not options.get("staging", "").startswith("/"):
        raise _refuse("缺少 staging=绝对路径", "must say staging=/absolute/path")
    secure = options.get("secure", "true")
    if secure not in {"true", "false"}:
        raise _refuse("的 secure 须为 true 或 false", "must say secure=true or secure=false")
    return S3Store(
        parts.hostname if port is None else f"{parts.hostname}:{port}",
        unquote(parts.username),
        unquote(parts.password),
        bucket,
        staging=Path(options["staging"]),
        secure=secure == "true",
        region=options.get("region") or None,
        reserve_bytes=reserve_bytes,
    )


def _refuse(reason_zh: str, reason_en: str) -> StoreUrlError:
    return StoreUrlError(f"媒体存储地址{reason_zh}。The media store's URL {reason_en}.")
