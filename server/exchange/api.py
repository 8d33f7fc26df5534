"""Phones over HTTP: pull, push, and what to do after a restored database."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, cast
from uuid import UUID

from flask import Response, current_app, g, jsonify, request
from flask.sansio.blueprints import BlueprintSetupState

from server import feed
from server.access import Actor, Permission, require
from server.accounts import service as accounts
from server.blueprint import Blueprint, ProblemSchema
from server.exchange import digesting, holding, notices, pulling, schemas, service
from server.exchange.notices import Notice
from server.exchange.pulling import Pulled
from server.exchange.scope import reader_of
from server.http import App, actor, installation, nudges, session, short_transaction
from server.messages import Message
from server.problems import PushTooLarge, PushUnreadable
from server.together import Together
from server.view_marks import in_turn, streaming, untransacted
from sync import MAX_BODY, MAX_ITEMS, BadEnvelope, EnvelopeTooLarge, Outcome, Push, read_push_bytes

blp = Blueprint("exchange", __name__, url_prefix="/api/v1/sync", description="Phones: pull and push")

#: So many pushes are taken in one transaction.
_AT_ONCE: Final = 4

_PROBLEM = {"schema": ProblemSchema, "content_type": "application/problem+json"}
_PUSH = {"required": True, "content": {"application/json": {"schema": schemas.PushSchema}}}
_QUIET = {
    "Beacon": {"description": "A time beacon, as in a page", "schema": {"type": "string"}},
    "Durable-Seq": {"description": "As `durable_seq` in a page", "schema": {"type": "integer"}},
}


@blp.get("/pull")
@blp.arguments(schemas.PullQuerySchema, location="query")
@blp.response(200, schemas.FeedPageSchema)
@blp.alt_response(
    204, description="Nothing new, to `Prefer: return=minimal`; the cursor goes on", headers=_QUIET
)
@blp.alt_response(410, description="Gone: `reset` says why; pull from zero and sweep", **_PROBLEM)
@blp.alt_response(429, description="Newer requests of this phone wait", **_PROBLEM)
@in_turn
def pull(query: dict[str, Any]) -> Response:
    """Pull what changed since a cursor. With `Prefer: return=minimal`, 204 says that nothing did."""
    page = pulling.pull(
        g.session,  # not through proxies: this is asked by every phone all day
        g.actor,
        installation(),
        query["cursor"],
        query["limit"],
        without_prefill=query["prefill"] == "blob",
        may_be_quiet="return=minimal" in request.headers.get("Prefer", ""),
    )
    return _nothing_new(page) if page.is_quiet else jsonify(page.body)


@blp.get("/events")
@blp.response(
    200,
    {"type": "string"},
    content_type="text/event-stream",
    description="Server-sent events: `pull`, without data, whenever there is something to pull",
)
@streaming
def send_events() -> Response:
    """Be told when there is something to pull, as long as the access token is good. 503 when too many listen."""
    require(actor, Permission.SYNC)
    with short_transaction(writing=False) as reading:
        until = accounts.access_ends(reading, actor)
        channels = reader_of(reading, actor, installation()).channels
    recipients = {feed.user(actor.person_id), *map(feed.channel, channels)}
    stream = nudges().open(recipients, actor.session_id, until, actor.person_id)
    response = Response(nudges().words(stream), mimetype="text/event-stream")
    response.call_on_close(partial(nudges().close, stream))
    response.headers["X-Accel-Buffering"] = "no"  # a proxy that collects words tells them too late
    return response


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
@blp.arguments(schemas.BlobQuerySchema, location="query")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def send_blob(query: dict[str, UUID | None], sha256: str) -> Response:
    """Send immutable bytes by their SHA-256 (hex): a form, a revision of a record one sees, a task's prefill."""
    data, media_type = pulling.blob(session, actor, sha256, query["task"])
    response = Response(data, content_type=media_type)
    response.set_etag(sha256)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@blp.post("/push")
@blp.doc(requestBody=_PUSH)
@blp.response(200, schemas.OutcomesSchema)
@blp.alt_response(409, description="Another epoch: `epoch` is the server's", **_PROBLEM)
@blp.alt_response(429, description="Newer requests of this phone wait", **_PROBLEM)
@in_turn
@untransacted
def push() -> Response:
    """Push operations: each is applied at most once, in order, and answered with a receipt."""
    require(g.actor, Permission.SYNC)
    try:
        given = read_push_bytes(request.get_data())
    except EnvelopeTooLarge as error:
        raise PushTooLarge(
            str(error), reason=error.code, push_items=MAX_ITEMS, push_bytes=MAX_BODY
        ) from error
    except BadEnvelope as error:
        raise PushUnreadable(str(error), reason=error.code) from error
    # Asked before it is taken, too: with others, a push of an old epoch would have them taken one by one.
    installation().epoch_for(given.epoch)
    together: Together[tuple[Actor, Push], list[Outcome]] = current_app.extensions["exchange"]
    outcomes = together.take((g.actor, given))
    return jsonify(epoch=given.epoch, items=[outcome.as_json() for outcome in outcomes])


@blp.post("/ops/status")
@blp.arguments(schemas.OpsSchema)
@blp.response(200, schemas.OutcomesSchema)
@blp.alt_response(409, description="Another epoch: `epoch` is the server's", **_PROBLEM)
def tell_operations(given: dict[str, Any]) -> dict[str, Any]:
    """Tell what became of one's operations."""
    epoch = installation().epoch_for(given["epoch"])
    return {"epoch": epoch, "items": service.statuses(session, actor, installation(), given["ops"])}


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


def _take(app: App, pushes: Sequence[tuple[Actor, Push]]) -> list[list[Outcome]]:
    with app.transaction() as writing:
        return service.take_pushes(writing, app.installation, pushes)


@blp.record_once
def take_together(state: BlueprintSetupState) -> None:
    """Let the pushes of one process that come at the same time be taken together."""
    app = cast("App", state.app)
    app.extensions["exchange"] = Together(partial(_take, app), _AT_ONCE)


def _nothing_new(page: Pulled) -> Response:
    """Answer with no body: asked every few minutes by every phone, it fits into 400 bytes with all its headers."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    response.headers["Beacon"] = page.body["beacon"]
    response.headers["Durable-Seq"] = str(page.body["durable_seq"])
    return response
