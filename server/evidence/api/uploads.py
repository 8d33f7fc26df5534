"""Resumable uploads: tus 1.0."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from flask import Response, request

from media import StoreFull, tus
from server import problems
from server.blueprint import ProblemSchema
from server.evidence.api.blueprint import blp
from server.evidence.held import Held
from server.evidence.transfer import Transfer
from server.evidence.under_way import Quota
from server.http import actor, settings, short_transaction, store
from server.problems import CATALOGUE, Problem
from server.refusals import answer
from server.view_marks import streaming

_REFUSALS: Final = {
    404: "upload.not-found",
    409: "upload.offset-mismatch",
    410: "upload.gone",
    412: "upload.wrong-version",
    423: "upload.locked",
    429: "upload.quota-reached",
    460: "media.digest-mismatch",
    507: "store.full",
}


_SPEAKING: set[str] = set()


def speaks_tus(view: Any) -> Any:
    """Mark a view whose every answer, refusals too, names the version of tus and may be read by other pages."""
    _SPEAKING.add(f"{blp.name}.{view.__name__}")
    return view


def refuses(*statuses: int) -> Callable[[Any], Any]:
    """Describe refusals that only uploads have."""

    def describe(view: Any) -> Any:
        for status in statuses:
            view = blp.alt_response(
                status,
                schema=ProblemSchema,
                content_type="application/problem+json",
                description=_REFUSALS[status],
            )(view)
        return view

    return describe


@speaks_tus
@blp.route("/media", methods=["OPTIONS"])
@blp.response(204)
def tell_upload_options() -> Response:
    """Tell the version, extensions and checksums of tus spoken here, and the largest file taken."""
    return _options()


@speaks_tus
@blp.post("/media")
@blp.response(201, description="Created; `Location` is relative, `Upload-Offset` is what has come.")
@refuses(412, 423, 429, 460, 507)
@streaming
def create_upload() -> Response:
    """Create an upload, with its first bytes or without; content we have already is whole at once.

    `Upload-Length` or `Upload-Defer-Length: 1` (tus creation, creation-with-upload, creation-defer-length).
    """
    if tus.effective_method("POST", request.headers.get("X-HTTP-Method-Override")) != "POST":
        raise problems.MethodNotAllowed().with_headers(Allow="OPTIONS, POST")
    tus.check_version(request.headers.get("Tus-Resumable"), "POST")
    tus.refuse_concatenation(request.headers.get("Upload-Concat"))
    promised = tus.parse_metadata(request.headers.get("Upload-Metadata"))
    length = tus.parse_creation_length(
        request.headers.get("Upload-Length"),
        request.headers.get("Upload-Defer-Length"),
        settings().max_upload_bytes,
    )
    checksum = tus.parse_checksum(request.headers.get("Upload-Checksum"))
    transfer = _transfer()
    brings = length == 0 or _brings_bytes()
    upload = transfer.begin(length, promised, held=brings)
    offset, expires_at = upload.offset, None if upload.finished_at else upload.expires_at
    location = f"{request.script_root}{request.path}/uploads/{upload.id}"
    if upload.finished_at is None and brings:
        try:
            with transfer.holding_first(upload) as held:
                _take_in(held, checksum)
            offset, expires_at = _stand(held)
        except (problems.UploadInterrupted, StoreFull):  # it exists, and a PATCH goes on where the body ended
            upload = transfer.find(upload.id)
            offset, expires_at = upload.offset, upload.expires_at
        except Problem as problem:
            raise problem.with_headers(Location=location) from None
        except tus.TusError as error:
            error.headers["Location"] = location
            raise
    return _empty(201, tus.creation_headers(location, offset, expires_at))


@speaks_tus
@blp.route("/media/uploads/<uuid:upload_id>", methods=["OPTIONS"])
@blp.response(204)
def tell_options_of_upload(upload_id: UUID) -> Response:  # noqa: ARG001 - the same for all, known or not
    """Tell what `OPTIONS /media` tells: a browser asks at the address it is about to use."""
    return _options()


@speaks_tus
@blp.route("/media/uploads/<uuid:upload_id>", methods=["HEAD"])
@blp.response(200, description="`Upload-Offset` is where to go on.")
@refuses(410, 412, 460)
@streaming
def tell_upload_offset(upload_id: UUID) -> Response:
    """Tell how far an upload has come."""
    tus.check_version(request.headers.get("Tus-Resumable"), "HEAD")
    upload = _transfer().catch_up(upload_id)
    expires_at = None if upload.finished_at else upload.expires_at
    return _empty(200, tus.head_headers(upload.offset, upload.length, upload.header, expires_at))


@speaks_tus
@blp.route("/media/uploads/<uuid:upload_id>", methods=["PATCH"])
@blp.response(204, description="`Upload-Offset` is what has come.")
@refuses(409, 410, 412, 423, 429, 460, 507)
@streaming
def continue_upload(upload_id: UUID) -> Response:
    """Go on with an upload at `Upload-Offset`; what comes before a cut is kept.

    `Upload-Length` tells a length that was deferred. With `Upload-Checksum` all of the body counts or nothing.
    """
    tus.check_version(request.headers.get("Tus-Resumable"), "PATCH")
    tus.check_content_type(request.headers.get("Content-Type"))
    sent = tus.parse_upload_offset(request.headers.get("Upload-Offset"))
    length = None
    if "Upload-Length" in request.headers:
        length = tus.parse_upload_length(request.headers["Upload-Length"], settings().max_upload_bytes)
    checksum = tus.parse_checksum(request.headers.get("Upload-Checksum"))
    with _transfer().holding(upload_id) as held:
        tus.check_offset(sent, held.hold.offset)
        if held.hold.finished:  # the answer to the last PATCH was lost, and it comes again
            tus.check_length(held.offset if length is None else length, held.hold.length, held.offset)
            tus.remaining_bytes(held.offset, held.offset, request.content_length)
        else:
            if length is not None:
                held.learn_length(length, request.content_length)
            _take_in(held, checksum)
    return _empty(204, tus.patch_headers(*_stand(held)))


@speaks_tus
@blp.delete("/media/uploads/<uuid:upload_id>")
@blp.response(204)
@refuses(410, 412, 423)
@streaming
def end_upload(upload_id: UUID) -> Response:
    """End an upload and forget its bytes; what was made of it stays."""
    tus.check_version(request.headers.get("Tus-Resumable"), "DELETE")
    with _transfer().holding(upload_id, broken_too=True) as held:
        held.end()
    return _empty(204, tus.termination_headers())


@speaks_tus
@blp.post("/media/uploads/<uuid:upload_id>")
@blp.response(204, description="As the method named by `X-HTTP-Method-Override` answers.")
@refuses(409, 410, 412, 423, 460, 507)
@streaming
def override_method(upload_id: UUID) -> Response:
    """Stand in for PATCH, DELETE or HEAD where a network lets only GET and POST pass."""
    views = {"PATCH": continue_upload, "DELETE": end_upload, "HEAD": tell_upload_offset}
    method = tus.effective_method("POST", request.headers.get("X-HTTP-Method-Override"))
    if method not in views:
        raise problems.MethodNotAllowed().with_headers(Allow="HEAD, PATCH, DELETE")
    response: Response = views[method](upload_id)
    return response


@blp.errorhandler(tus.TusError)
def refuse_request(error: tus.TusError) -> Response:
    """Answer what the rules of tus refuse."""
    problem = CATALOGUE[error.code.replace("_", "-")](error.message)
    problem.headers |= error.headers
    return answer(problem)


@blp.after_request
def name_version(response: Response) -> Response:
    """Every answer about uploads names the version of tus, refusals too."""
    if request.endpoint in _SPEAKING:
        response.headers.setdefault("Tus-Resumable", tus.VERSION)
    return response


@blp.after_request
def open_to_pages(response: Response) -> Response:
    """Let pages of the origins that are set read every answer about uploads, refusals too."""
    origins = settings().upload_origin_set
    if not origins or request.endpoint not in _SPEAKING:
        return response
    response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if origin in origins:
        asks_first = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response.headers.update(tus.preflight_headers(origin) if asks_first else tus.cors_headers(origin))
    return response


def _transfer() -> Transfer:
    # The proxy would look for a request in the thread that renews a lease.
    who = actor._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    return Transfer(
        store(),
        short_transaction,
        who,
        timedelta(days=settings().upload_days),
        Quota(settings().upload_quota_bytes, settings().upload_quota_files),
        settings().max_upload_bytes,
    )


def _brings_bytes() -> bool:
    content_type = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
    return content_type == tus.CONTENT_TYPE and request.content_length != 0


def _take_in(held: Held, checksum: tus.Checksum | None) -> None:
    """Receive this request's body, whose hash is `checksum` if it told one, and finish if all is here."""
    held.receive(request.environ, checksum)
    if held.whole:
        held.complete()


def _stand(held: Held) -> tuple[int, datetime | None]:
    """Where an upload stands that was let go, and when it expires if it is not finished."""
    return held.offset, None if held.hold.finished else held.hold.expires_at


def _options() -> Response:
    return _empty(204, tus.option_headers(settings().max_upload_bytes))


def _empty(status: int, headers: dict[str, str]) -> Response:
    response = Response(status=status)
    response.headers.update(headers)
    return response
