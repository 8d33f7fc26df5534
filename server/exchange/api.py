"""Phones over HTTP: pull, push, and what to do after a restored database."""

from typing import Any

from flask import Response, jsonify, request

from server.access import Permission, require
from server.exchange import digesting, holding, notices, pulling, schemas, service
from server.exchange.notices import Notice
from server.http import (
    Blueprint,
    ProblemSchema,
    actor,
    installation,
    session,
    short_transaction,
    untransacted,
)
from server.messages import Message
from server.problems import PushTooLarge, PushUnreadable
from sync import BadEnvelope, EnvelopeTooLarge, read_push_bytes

blp = Blueprint("exchange", __name__, url_prefix="/api/v1/sync", description="Phones: pull and push")

_PROBLEM = {"schema": ProblemSchema, "content_type": "application/problem+json"}
_PUSH = {"required": True, "content": {"application/json": {"schema": schemas.PushSchema}}}


@blp.get("/pull")
@blp.arguments(schemas.PullQuerySchema, location="query")
@blp.response(200, schemas.FeedPageSchema)
@blp.alt_response(410, description="Gone: `reset` says why; pull from zero and sweep", **_PROBLEM)
def pull(query: dict[str, Any]) -> Response:
    """Pull what changed since a cursor."""
    return jsonify(pulling.pull(session, actor, installation(), query["cursor"], query["limit"]))


@blp.get("/digest")
@blp.arguments(schemas.DigestQuerySchema, location="query")
@blp.response(200, schemas.DigestSchema)
@blp.alt_response(410, description="Gone: as of a pull", **_PROBLEM)
@blp.alt_response(429, description="Too often: `Retry-After` says when", **_PROBLEM)
@untransacted
def tell_digest(query: dict[str, str]) -> dict[str, Any]:
    """Sum up what a phone should hold, so that it notices what it lost: once a day."""
    with short_transaction() as writing:
        digesting.take(writing, actor, digesting.SUMS)
    with short_transaction(writing=False) as reading:
        return digesting.sums(reading, actor, installation(), query["cursor"])


@blp.get("/digest/<int(max=15):bucket>")
@blp.arguments(schemas.DigestQuerySchema, location="query")
@blp.response(200, schemas.BucketSchema)
@blp.alt_response(410, description="Gone: as of a pull", **_PROBLEM)
@blp.alt_response(429, description="Too often: `Retry-After` says when", **_PROBLEM)
@untransacted
def send_bucket(query: dict[str, str], bucket: int) -> Response:
    """Send everything of one bucket whose sums differ; the phone drops what else it holds in it."""
    with short_transaction() as writing:
        digesting.take(writing, actor, digesting.BUCKETS)
    with short_transaction(writing=False) as reading:
        return jsonify(digesting.bucket(reading, actor, installation(), bucket, query["cursor"]))


@blp.post("/notices")
@blp.arguments(schemas.NoticeSchema)
@blp.response(201, schemas.PostedSchema)
def post_notice(notice: Notice) -> Message:
    """Post a short notice to the phones of one person or of everybody of a region."""
    return notices.post_notice(session, actor, notice)


@blp.get("/blobs/<sha256>")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def send_blob(sha256: str) -> Response:
    """Send immutable bytes by their SHA-256 (hex): a form, or a revision of a record one sees."""
    data, media_type = pulling.blob(session, actor, sha256)
    response = Response(data, content_type=media_type)
    response.set_etag(sha256)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@blp.post("/push")
@blp.doc(requestBody=_PUSH)
@blp.response(200, schemas.OutcomesSchema)
@blp.alt_response(409, description="Another epoch: `epoch` is the server's", **_PROBLEM)
def push() -> Response:
    """Push operations: each is applied at most once, in order, and answered with a receipt."""
    try:
        given = read_push_bytes(request.get_data())
    except EnvelopeTooLarge as error:
        raise PushTooLarge(str(error), reason=error.code) from error
    except BadEnvelope as error:
        raise PushUnreadable(str(error), reason=error.code) from error
    outcomes = service.take_push(session, actor, installation(), given)
    return jsonify(epoch=given.epoch, items=[outcome.as_json() for outcome in outcomes])


@blp.post("/ops/status")
@blp.arguments(schemas.OpsSchema)
@blp.response(200, schemas.OutcomesSchema)
@blp.alt_response(409, description="Another epoch: `epoch` is the server's", **_PROBLEM)
def tell_operations(given: dict[str, Any]) -> dict[str, Any]:
    """Tell what became of one's operations."""
    epoch = installation().epoch_for(given["epoch"])
    return {"epoch": epoch, "items": service.statuses(session, actor, given["ops"])}


@blp.post("/reoffer")
@blp.arguments(schemas.ReofferSchema)
@blp.response(200, schemas.ReofferedSchema)
@blp.alt_response(409, description="Another epoch: `epoch` is the server's", **_PROBLEM)
def take_reoffer(given: dict[str, Any]) -> dict[str, Any]:
    """Tell which revisions and files a phone should send again."""
    epoch = installation().epoch_for(given["epoch"])
    require(actor, Permission.SYNC)
    holding.heed_receipts(session, installation(), given["receipts"])
    offered = dict(given["revs"])
    return {
        "epoch": epoch,
        "missing": holding.missing_revisions(session, actor, offered),
        "media_missing": holding.missing_media(session, actor, offered),
    }


@blp.get("/revisions/<rev>")
@blp.response(200, schemas.HandedOutSchema)
def hand_out_revision(rev: str) -> dict[str, Any]:
    """Hand a revision out with its signature, for another phone to hold and to give back when it is lost."""
    return holding.hand_out(session, actor, rev)
