"""What tus 1.0.0 demands of a server, request by request.

Each case names the clause of https://tus.io/protocols/resumable-upload it comes from. A clause in brackets is
not of the protocol: `(CORS)` is the Fetch standard, `(convention)` what tus clients rely on.
"""

import hashlib
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final

FILE: Final = b"0123456789"
BYTES: Final = {"Content-Type": "application/offset+octet-stream"}
PAGE: Final = "https://console.example"
FRAME: Final = {
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "tus-resumable,upload-offset,upload-checksum",
}
#: A header that has to be there, with any value.
ANY: Final = "any"


def encoded(content: bytes) -> str:
    return b64encode(content).decode()


def checksum(algorithm: str, content: bytes) -> dict[str, str]:
    return {"Upload-Checksum": f"{algorithm} {encoded(hashlib.new(algorithm, content).digest())}"}


@dataclass(frozen=True)
class Given:
    """An upload before the request: its length (None: deferred), what has come of it, whether it was ended."""

    length: int | None = len(FILE)
    has: bytes = b""
    metadata: str = ""
    ended: bool = False


#: No upload: the request goes to the address where they are created, or to one that never was.
COLLECTION: Final = None
UNKNOWN: Final = "unknown"
NEW: Final = Given()
HALF: Final = Given(has=FILE[:4])
WHOLE: Final = Given(has=FILE)
ENDED: Final = Given(has=FILE[:4], ended=True)
DEFERRED: Final = Given(length=None)
DEFERRED_HALF: Final = Given(length=None, has=FILE[:4])


@dataclass(frozen=True)
class Case:
    """One request and what has to be answered.

    `sends`: headers beside `Tus-Resumable: 1.0.0`, which None leaves out. `answers`: headers by value, `ANY`,
    or None for one that must not be there. `then`: where the upload stands afterwards by HEAD, None not to ask.
    """

    clause: str
    says: str
    given: Given | str | None
    method: str
    status: int | tuple[int, ...]
    sends: dict[str, str | None] = field(default_factory=dict)
    body: bytes = b""
    answers: dict[str, str | None] = field(default_factory=dict)
    then: int | None = None

    def __str__(self) -> str:
        return f"{self.clause}: {self.says}"


def patch(offset: int | str, **more: str | None) -> dict[str, str | None]:
    return {**BYTES, "Upload-Offset": str(offset), **{k.replace("_", "-"): v for k, v in more.items()}}


GONE = (404, 410)
NO_VERSION: Final = {"Tus-Resumable": None}
OLD_VERSION: Final = {"Tus-Resumable": "0.2.2"}
OURS: Final = {"Tus-Version": "1.0.0"}

CORE: Final = [
    Case("Tus-Resumable", "another version is told 412 and ours", COLLECTION, "POST", 412,
         {**OLD_VERSION, "Upload-Length": "5"}, answers=OURS),
    Case("Tus-Resumable", "no version on POST is told 412", COLLECTION, "POST", 412,
         {**NO_VERSION, "Upload-Length": "5"}, answers=OURS),
    Case("Tus-Resumable", "another version on HEAD is told 412", HALF, "HEAD", 412, OLD_VERSION, answers=OURS),
    Case("Tus-Resumable", "a PATCH of another version is not processed", HALF, "PATCH", 412,
         {**patch(4), **OLD_VERSION}, FILE[4:], OURS, then=4),
    Case("Tus-Resumable", "a PATCH without a version is not processed", HALF, "PATCH", 412,
         {**patch(4), **NO_VERSION}, FILE[4:], OURS, then=4),
    Case("Tus-Resumable", "a DELETE of another version is not processed", HALF, "DELETE", 412,
         OLD_VERSION, answers=OURS, then=4),
    Case("(convention)", "a HEAD that forgets its version is answered", HALF, "HEAD", 200, NO_VERSION,
         answers={"Upload-Offset": "4"}),
    Case("HEAD", "the offset of a new upload is 0", NEW, "HEAD", (200, 204),
         answers={"Upload-Offset": "0", "Upload-Length": "10", "Cache-Control": "no-store"}),
    Case("HEAD", "the offset of a begun upload is told", HALF, "HEAD", (200, 204),
         answers={"Upload-Offset": "4", "Upload-Length": "10", "Cache-Control": "no-store"}),
    Case("HEAD", "the offset of a whole upload is its length", WHOLE, "HEAD", (200, 204),
         answers={"Upload-Offset": "10", "Upload-Length": "10", "Cache-Control": "no-store"}),
    Case("HEAD", "an upload that never was has no offset", UNKNOWN, "HEAD", (403, 404, 410),
         answers={"Upload-Offset": None}),
    Case("HEAD", "an upload that was ended has no offset", ENDED, "HEAD", (403, 404, 410),
         answers={"Upload-Offset": None}),
    Case("PATCH", "all bytes at once", NEW, "PATCH", 204, patch(0), FILE, {"Upload-Offset": "10"}, 10),
    Case("PATCH", "the first bytes", NEW, "PATCH", 204, patch(0), FILE[:3], {"Upload-Offset": "3"}, 3),
    Case("PATCH", "bytes in the middle", HALF, "PATCH", 204, patch(4), FILE[4:6], {"Upload-Offset": "6"}, 6),
    Case("PATCH", "the last bytes", HALF, "PATCH", 204, patch(4), FILE[4:], {"Upload-Offset": "10"}, 10),
    Case("PATCH", "no bytes change nothing", HALF, "PATCH", 204, patch(4), b"", {"Upload-Offset": "4"}, 4),
    Case("PATCH", "a smaller offset is a conflict", HALF, "PATCH", 409, patch(0), FILE, then=4),
    Case("PATCH", "a larger offset is a conflict", HALF, "PATCH", 409, patch(5), FILE[5:], then=4),
    Case("(convention)", "a conflict tells where to go on", HALF, "PATCH", 409, patch(0), FILE,
         {"Upload-Offset": "4"}),
    Case("(convention)", "nothing at the end of a whole upload is a repetition", WHOLE, "PATCH", 204, patch(10),
         b"", {"Upload-Offset": "10"}, 10),
    Case("PATCH", "bytes at the start of a whole upload are a conflict", WHOLE, "PATCH", 409, patch(0), FILE,
         then=10),
    Case("PATCH", "bytes beyond a whole upload are refused", WHOLE, "PATCH", (400, 403, 413), patch(10), b"!",
         then=10),
    Case("PATCH", "a body longer than what is lacking is refused", HALF, "PATCH", (400, 413), patch(4), FILE,
         then=4),
    Case("PATCH", "another content type is told 415", HALF, "PATCH", 415,
         patch(4, Content_Type="application/octet-stream"), FILE[4:], then=4),
    Case("PATCH", "no content type is told 415", HALF, "PATCH", 415, {"Upload-Offset": "4"}, FILE[4:], then=4),
    Case("PATCH", "an upload that never was is told 404", UNKNOWN, "PATCH", 404, patch(0), FILE),
    Case("Upload-Offset", "a PATCH without one is refused", HALF, "PATCH", 400, BYTES, FILE[4:], then=4),
    Case("Upload-Offset", "a negative one is refused", HALF, "PATCH", 400, patch(-1), FILE[4:], then=4),
    Case("Upload-Offset", "an empty one is refused", HALF, "PATCH", 400, patch(""), FILE[4:], then=4),
    Case("Upload-Offset", "one beyond the length is a conflict", HALF, "PATCH", 409, patch(11), b"", then=4),
    Case("Upload-Offset", "a fraction is refused", HALF, "PATCH", 400, patch("4.0"), FILE[4:], then=4),
    Case("Upload-Offset", "a word is refused", HALF, "PATCH", 400, patch("four"), FILE[4:], then=4),
    Case("OPTIONS", "version, extensions, limit and checksums are told", COLLECTION, "OPTIONS", (200, 204),
         NO_VERSION, answers={
             **OURS,
             "Tus-Extension": "creation,creation-with-upload,creation-defer-length,checksum,termination,expiration",
             "Tus-Max-Size": ANY,
             "Tus-Checksum-Algorithm": "sha1,sha256",
         }),
    Case("OPTIONS", "the version of the client does not matter", COLLECTION, "OPTIONS", (200, 204), OLD_VERSION,
         answers=OURS),
    Case("OPTIONS", "an upload answers as well", HALF, "OPTIONS", (200, 204), NO_VERSION,
         answers={**OURS, "Tus-Extension": ANY, "Tus-Checksum-Algorithm": "sha1,sha256"}, then=4),
    Case("X-HTTP-Method-Override", "POST stands for PATCH", HALF, "POST", 204,
         patch(4, X_HTTP_Method_Override="PATCH"), FILE[4:], {"Upload-Offset": "10"}, 10),
    Case("X-HTTP-Method-Override", "POST stands for HEAD", HALF, "POST", (200, 204),
         {"X-HTTP-Method-Override": "HEAD"}, answers={"Upload-Offset": "4"}, then=4),
    Case("X-HTTP-Method-Override", "POST stands for DELETE", HALF, "POST", 204,
         {"X-HTTP-Method-Override": "DELETE"}, then=-1),
    Case("X-HTTP-Method-Override", "the rules of PATCH hold for what stands for it", HALF, "POST", 409,
         patch(0, X_HTTP_Method_Override="PATCH"), FILE, then=4),
    Case("X-HTTP-Method-Override", "a method of another kind is refused", HALF, "POST", (400, 405),
         {"X-HTTP-Method-Override": "PUT"}, then=4),
    Case("X-HTTP-Method-Override", "a POST that stands for DELETE creates nothing", COLLECTION, "POST",
         (400, 404, 405), {"Upload-Length": "5", "X-HTTP-Method-Override": "DELETE"},
         answers={"Location": None}),
]  # fmt: skip

CREATION: Final = [
    Case("Creation/POST", "an upload is created at a place that is told", COLLECTION, "POST", 201,
         {"Upload-Length": "10"}, answers={"Location": ANY}),
    Case("Creation/POST", "an empty file is whole at once", COLLECTION, "POST", 201, {"Upload-Length": "0"},
         answers={"Location": ANY}, then=0),
    Case("Creation/POST", "neither a length nor its deferral is refused", COLLECTION, "POST", 400,
         answers={"Location": None}),
    Case("Creation/POST", "a length above Tus-Max-Size is told 413", COLLECTION, "POST", 413,
         {"Upload-Length": str(10**15)}, answers={"Location": None}),
    Case("(convention)", "a part of a file is refused where parts are not put together", COLLECTION, "POST",
         (400, 501), {"Upload-Length": "10", "Upload-Concat": "partial"}, answers={"Location": None}),
    Case("Upload-Length", "a negative one is refused", COLLECTION, "POST", 400, {"Upload-Length": "-1"}),
    Case("Upload-Length", "a fraction is refused", COLLECTION, "POST", 400, {"Upload-Length": "1.5"}),
    Case("Upload-Length", "a sign is refused", COLLECTION, "POST", 400, {"Upload-Length": "+10"}),
    Case("Upload-Length", "a word is refused", COLLECTION, "POST", 400, {"Upload-Length": "ten"}),
    Case("Upload-Length", "an empty one is refused", COLLECTION, "POST", 400, {"Upload-Length": ""}),
    Case("Upload-Metadata", "what was sent is told by HEAD",
         Given(metadata=f"filename {encoded(b'a.jpg')},is_confidential"), "HEAD", (200, 204),
         answers={"Upload-Metadata": f"filename {encoded(b'a.jpg')},is_confidential"}),
    Case("Upload-Metadata", "none is none", NEW, "HEAD", (200, 204), answers={"Upload-Metadata": None}),
    Case("Upload-Metadata", "a key without a value is taken", COLLECTION, "POST", 201,
         {"Upload-Length": "10", "Upload-Metadata": "is_confidential"}),
    Case("Upload-Metadata", "an empty value is a value", COLLECTION, "POST", 201,
         {"Upload-Length": "10", "Upload-Metadata": "a ,b Yg=="}),
    Case("Upload-Metadata", "keys are ASCII", COLLECTION, "POST", 400,
         {"Upload-Length": "10", "Upload-Metadata": "caf\u00e9 YQ=="}),
    Case("Upload-Metadata", "a key has no spaces", COLLECTION, "POST", 400,
         {"Upload-Length": "10", "Upload-Metadata": "a b YQ=="}),
    Case("Upload-Metadata", "keys are unique", COLLECTION, "POST", 400,
         {"Upload-Length": "10", "Upload-Metadata": "a YQ==,a Yg=="}),
    Case("Upload-Metadata", "keys are not empty", COLLECTION, "POST", 400,
         {"Upload-Length": "10", "Upload-Metadata": "a YQ==,,b Yg=="}),
    Case("Upload-Metadata", "values are base64", COLLECTION, "POST", 400,
         {"Upload-Length": "10", "Upload-Metadata": "a not base64"}),
    Case("Creation With Upload", "all bytes come with the creation", COLLECTION, "POST", 201,
         {**BYTES, "Upload-Length": "10"}, FILE, {"Location": ANY, "Upload-Offset": "10"}, 10),
    Case("Creation With Upload", "the first bytes come with the creation", COLLECTION, "POST", 201,
         {**BYTES, "Upload-Length": "10"}, FILE[:4], {"Location": ANY, "Upload-Offset": "4"}, 4),
    Case("Creation With Upload", "no bytes come with the creation", COLLECTION, "POST", 201,
         {**BYTES, "Upload-Length": "10"}, b"", {"Location": ANY, "Upload-Offset": "0"}, 0),
    Case("Creation With Upload", "a body of another type is not taken for bytes", COLLECTION, "POST", 201,
         {"Content-Type": "text/plain", "Upload-Length": "10"}, FILE, {"Location": ANY}, 0),
    Case("Creation With Upload", "more bytes than the length are refused", COLLECTION, "POST", (400, 413),
         {**BYTES, "Upload-Length": "5"}, FILE),
    Case("Upload-Defer-Length", "a creation defers its length", COLLECTION, "POST", 201,
         {"Upload-Defer-Length": "1"}, answers={"Location": ANY}, then=0),
    Case("Upload-Defer-Length", "any value but 1 is refused", COLLECTION, "POST", 400,
         {"Upload-Defer-Length": "0"}),
    Case("Upload-Defer-Length", "a word is refused", COLLECTION, "POST", 400, {"Upload-Defer-Length": "true"}),
    Case("Upload-Defer-Length", "it excludes a length", COLLECTION, "POST", 400,
         {"Upload-Defer-Length": "1", "Upload-Length": "10"}),
    Case("Upload-Defer-Length", "HEAD tells it while the length is not known", DEFERRED_HALF, "HEAD",
         (200, 204), answers={"Upload-Defer-Length": "1", "Upload-Length": None, "Upload-Offset": "4"}),
    Case("Upload-Defer-Length", "bytes come before the length is known", DEFERRED_HALF, "PATCH", 204, patch(4),
         FILE[4:], {"Upload-Offset": "10"}, 10),
    Case("Upload-Defer-Length", "bytes come with the creation", COLLECTION, "POST", 201,
         {**BYTES, "Upload-Defer-Length": "1"}, FILE[:4], {"Upload-Offset": "4"}, 4),
    Case("Upload-Defer-Length", "the length comes with the last bytes", DEFERRED_HALF, "PATCH", 204,
         patch(4, Upload_Length="10"), FILE[4:], {"Upload-Offset": "10"}, 10),
    Case("Upload-Defer-Length", "the length comes with the first bytes", DEFERRED, "PATCH", 204,
         patch(0, Upload_Length="10"), FILE[:3], {"Upload-Offset": "3"}, 3),
    Case("Upload-Defer-Length", "the length comes after all bytes", Given(length=None, has=FILE), "PATCH", 204,
         patch(10, Upload_Length="10"), b"", {"Upload-Offset": "10"}, 10),
    Case("Upload-Defer-Length", "a length once known can't change", HALF, "PATCH", 400,
         patch(4, Upload_Length="11"), FILE[4:], then=4),
    Case("Upload-Defer-Length", "the same length again is no change", HALF, "PATCH", 204,
         patch(4, Upload_Length="10"), FILE[4:], then=10),
    Case("Upload-Defer-Length", "a length of a whole upload can't change", WHOLE, "PATCH", 400,
         patch(10, Upload_Length="11"), b"", then=10),
    Case("Upload-Defer-Length", "a length that is passed already is refused", DEFERRED_HALF, "PATCH", 400,
         patch(4, Upload_Length="3"), b"", then=4),
    Case("Upload-Defer-Length", "a length above Tus-Max-Size is told 413", DEFERRED_HALF, "PATCH", 413,
         patch(4, Upload_Length=str(10**15)), FILE[4:], then=4),
    Case("Upload-Defer-Length", "a length less than the body is refused", DEFERRED_HALF, "PATCH", (400, 413),
         patch(4, Upload_Length="6"), FILE[4:], then=4),
    Case("Upload-Defer-Length", "a length that is none is refused", DEFERRED_HALF, "PATCH", 400,
         patch(4, Upload_Length="ten"), FILE[4:], then=4),
]  # fmt: skip

LATER: Final = [
    Case("Checksum", "bytes of their sha1 count", HALF, "PATCH", 204,
         {**patch(4), **checksum("sha1", FILE[4:])}, FILE[4:], {"Upload-Offset": "10"}, 10),
    Case("Checksum", "bytes of their sha256 count", HALF, "PATCH", 204,
         {**patch(4), **checksum("sha256", FILE[4:7])}, FILE[4:7], {"Upload-Offset": "7"}, 7),
    Case("Checksum", "bytes of another sha1 are told 460 and do not count", HALF, "PATCH", 460,
         {**patch(4), **checksum("sha1", b"other")}, FILE[4:], then=4),
    Case("Checksum", "bytes of another sha256 are told 460 and do not count", NEW, "PATCH", 460,
         {**patch(0), **checksum("sha256", b"other")}, FILE, then=0),
    Case("Checksum", "a checksum is of the body and not of the whole file", HALF, "PATCH", 460,
         {**patch(4), **checksum("sha1", FILE)}, FILE[4:], then=4),
    Case("Checksum", "no bytes have a checksum, too", HALF, "PATCH", 204,
         {**patch(4), **checksum("sha1", b"")}, b"", then=4),
    Case("Checksum", "no bytes of another checksum are told 460", HALF, "PATCH", 460,
         {**patch(4), **checksum("sha1", b"other")}, b"", then=4),
    Case("Checksum", "an algorithm that is not listed is told 400", HALF, "PATCH", 400,
         {**patch(4), **checksum("md5", FILE[4:])}, FILE[4:], then=4),
    Case("Checksum", "a checksum without a digest is told 400", HALF, "PATCH", 400,
         patch(4, Upload_Checksum="sha1"), FILE[4:], then=4),
    Case("Checksum", "a digest in hexadecimal is told 400", HALF, "PATCH", 400,
         patch(4, Upload_Checksum="sha1 " + hashlib.sha1(FILE[4:], usedforsecurity=False).hexdigest()),
         FILE[4:], then=4),
    Case("Checksum", "the offset is looked at before the bytes", HALF, "PATCH", 409,
         {**patch(0), **checksum("sha1", b"other")}, FILE, then=4),
    Case("Checksum", "it holds for bytes that come with a creation", COLLECTION, "POST", 201,
         {**BYTES, "Upload-Length": "10", **checksum("sha1", FILE)}, FILE, {"Upload-Offset": "10"}, 10),
    Case("Checksum", "a creation with other bytes is told 460 and stands at 0", COLLECTION, "POST", 460,
         {**BYTES, "Upload-Length": "10", **checksum("sha1", b"other")}, FILE, {"Location": ANY}, 0),
    Case("Checksum", "it holds while the length is deferred", DEFERRED_HALF, "PATCH", 460,
         {**patch(4), **checksum("sha1", b"other")}, FILE[4:], then=4),
    Case("Checksum", "it holds for a POST that stands for PATCH", HALF, "POST", 460,
         {**patch(4, X_HTTP_Method_Override="PATCH"), **checksum("sha1", b"other")}, FILE[4:], then=4),
    Case("Expiration", "a creation tells when it ends", COLLECTION, "POST", 201, {"Upload-Length": "10"},
         answers={"Upload-Expires": ANY}),
    Case("Expiration", "every PATCH of an unfinished upload tells it", NEW, "PATCH", 204, patch(0), FILE[:3],
         {"Upload-Expires": ANY}),
    Case("Expiration", "a creation that brought a part tells it", COLLECTION, "POST", 201,
         {**BYTES, "Upload-Length": "10"}, FILE[:4], {"Upload-Expires": ANY, "Upload-Offset": "4"}),
    Case("Expiration", "what came whole with its creation does not expire", COLLECTION, "POST", 201,
         {**BYTES, "Upload-Length": "10"}, FILE, {"Upload-Expires": None}),
    Case("Expiration", "what is whole does not expire", HALF, "PATCH", 204, patch(4), FILE[4:],
         {"Upload-Expires": None}),
    Case("Termination", "a new upload is ended", NEW, "DELETE", 204, then=-1),
    Case("Termination", "a begun upload is ended", HALF, "DELETE", 204, then=-1),
    Case("Termination", "a whole upload is ended", WHOLE, "DELETE", 204, then=-1),
    Case("Termination", "an upload of no known length is ended", DEFERRED_HALF, "DELETE", 204, then=-1),
    Case("Termination", "a PATCH comes too late", ENDED, "PATCH", GONE, patch(4), FILE[4:], then=-1),
    Case("Termination", "a HEAD after it finds nothing", ENDED, "HEAD", GONE, answers={"Upload-Offset": None}),
    Case("Termination", "a second DELETE finds nothing", ENDED, "DELETE", GONE),
    Case("Termination", "an upload that never was is not found", UNKNOWN, "DELETE", GONE),
    Case("(CORS)", "a page that is let in may ask first", HALF, "OPTIONS", (200, 204),
         {**NO_VERSION, **FRAME, "Origin": PAGE}, answers={
             "Access-Control-Allow-Origin": PAGE,
             "Access-Control-Allow-Methods": ANY,
             "Access-Control-Allow-Headers": ANY,
             "Access-Control-Max-Age": ANY,
             "Access-Control-Allow-Credentials": None,
         }),
    Case("(CORS)", "a page that is let in may ask before it creates", COLLECTION, "OPTIONS", (200, 204),
         {**NO_VERSION, **FRAME, "Origin": PAGE}, answers={"Access-Control-Allow-Origin": PAGE}),
    Case("(CORS)", "a page that is let in may read the answer", HALF, "PATCH", 204,
         {**patch(4), "Origin": PAGE}, FILE[4:],
         {"Access-Control-Allow-Origin": PAGE, "Access-Control-Expose-Headers": ANY, "Vary": ANY}),
    Case("(CORS)", "a page that is let in may read a refusal", HALF, "PATCH", 409,
         {**patch(0), "Origin": PAGE}, FILE, {"Access-Control-Allow-Origin": PAGE}),
    Case("(CORS)", "another page may not ask", COLLECTION, "OPTIONS", (200, 204),
         {**NO_VERSION, **FRAME, "Origin": "https://evil.example"},
         answers={"Access-Control-Allow-Origin": None, "Access-Control-Allow-Methods": None}),
    Case("(CORS)", "another page may not read", HALF, "HEAD", 200, {"Origin": PAGE + ".evil.example"},
         answers={"Access-Control-Allow-Origin": None, "Access-Control-Expose-Headers": None, "Vary": ANY}),
]  # fmt: skip

CASES: Final = [*CORE, *CREATION, *LATER]
