"""What a tus server refuses, as one small tree of exceptions.

Each carries the HTTP status, a code that never changes its meaning, a message for people (Chinese first) and
the headers that belong to the answer. Sources: tus resumable upload protocol 1.0.0; 423 is a convention of
tus servers and clients, not of the protocol.
"""

from media.tus_constants import CONTENT_TYPE, VERSION


class TusError(Exception):
    """A request that must not change the upload; `status` is the HTTP status of the answer."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = {"Tus-Resumable": VERSION, "Cache-Control": "no-store", **(headers or {})}


class WrongVersion(TusError):
    """412: the request speaks another protocol version, or names none; the answer names ours."""

    def __init__(self, sent: str | None) -> None:
        message = f"不支持的上传协议版本。This server speaks tus {VERSION}, the request says {sent!r}."
        super().__init__(412, "upload.wrong_version", message, {"Tus-Version": VERSION})


class WrongContentType(TusError):
    """415: the bytes of an upload must travel as `application/offset+octet-stream`."""

    def __init__(self, sent: str | None) -> None:
        message = f"上传内容的类型不对。The body must be {CONTENT_TYPE}, not {sent!r}."
        super().__init__(415, "upload.wrong_content_type", message)


class BadHeader(TusError):
    """400: a header is missing, malformed or over a limit; `header` is its name."""

    def __init__(self, header: str, reason_zh: str, reason_en: str) -> None:
        super().__init__(400, "upload.bad_header", f"请求头 {header} {reason_zh}。{header} {reason_en}.")
        self.header = header


class TooLarge(TusError):
    """413: the upload, or the bytes sent for it, would pass `maximum` bytes."""

    def __init__(self, size: int, maximum: int) -> None:
        message = f"文件过大，上限为 {maximum} 字节。{size} bytes are more than the {maximum} allowed."
        super().__init__(413, "upload.too_large", message, {"Tus-Max-Size": str(maximum)})
        self.maximum = maximum


class OffsetMismatch(TusError):
    """409: the phone and the server disagree on what has arrived; `current` is where to go on."""

    def __init__(self, sent: int, current: int) -> None:
        message = (
            f"续传位置不符，请从第 {current} 字节继续。The upload continues at {current}, not at {sent}."
        )
        super().__init__(409, "upload.offset_mismatch", message, {"Upload-Offset": str(current)})
        self.current = current


class NotFound(TusError):
    """404: there is no such upload, or it is not this person's."""

    def __init__(self) -> None:
        super().__init__(404, "upload.not_found", "没有这个上传任务。There is no such upload.")


class Gone(TusError):
    """410: the upload was here, and has expired or was ended."""

    def __init__(self) -> None:
        super().__init__(410, "upload.gone", "上传任务已过期或已终止。The upload has expired or was ended.")


class Locked(TusError):
    """423: another request still writes this upload; worth asking again after `retry_after` seconds."""

    def __init__(self, retry_after: int = 1) -> None:
        message = (
            "另一个请求正在上传此文件，请稍后重试。Another request is writing this upload, try again shortly."
        )
        super().__init__(423, "upload.locked", message, {"Retry-After": str(retry_after)})


class ChecksumMismatch(TusError):
    """460: the bytes of a request are not those its checksum promised; both in hex. They do not count."""

    def __init__(self, expected: str, actual: str) -> None:
        message = f"本次内容校验值不符，请重发。The bytes hash to {actual}, {expected} was promised."
        super().__init__(460, "upload.checksum_mismatch", message)
        self.expected = expected
        self.actual = actual
