"""The wire that ODK Collect and KoboCollect speak: list, form, manifest, files, integrity, submission.

Every answer, refusals too, carries the headers of OpenRosa; a refusal is an `OpenRosaResponse` with a message in
Chinese, because that is all that such a phone can show. What it asks with stands in the address and is never logged.
"""

import re
from collections.abc import Callable, Sequence
from email.utils import formatdate
from functools import partial
from typing import Final, cast
from uuid import UUID

from flask import Blueprint as Pages
from flask import Response, current_app, g, request
from flask.sansio.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session

from media import StoreError, StoreFull
from server import problems
from server.access import STRANGER, Actor, Permission, require
from server.admission import LATER, again_within
from server.checklists import service as checklists
from server.evidence.arriving import announced_length
from server.http import App, installation, settings, short_transaction, store
from server.openrosa import holders, lists, offering, receiving, submitting, writing
from server.openrosa.holders import Asking, Shown
from server.openrosa.submitting import Brought, Told
from server.openrosa.writing import CONTENT_TYPE
from server.problems import Busy, FileNotOfForm, Problem
from server.refusals import answer
from server.together import Together
from server.view_marks import addressed, keyed, streaming, untransacted

pages = Pages("openrosa", __name__, url_prefix="/openrosa/<key>")

#: Whoever asks there is a stock phone, whatever they made of the rest of the address.
_OURS: Final = re.compile(r"(?i)/+openrosa(/|$)")
#: In what portions Collect sends what belongs together. It goes by it, and sends at least one file in each.
BATCH_BYTES: Final = 5_000_000
#: Threads of a process that stay free to say that it is busy.
_SPARE_THREADS: Final = 16
_MOST_IDS: Final = 1000
#: What is no longer than this is received before anybody is asked who sends it.
_SHORT_BYTES: Final = 256 * 1024
#: So many submissions are taken in one transaction.
_AT_ONCE: Final = 16
#: Seconds in which phones that send one submission after the other are back, with photos, too.
_PATIENCE: Final = 0.06


@pages.url_value_preprocessor
def read_address(_endpoint: str | None, parts: dict[str, str] | None) -> None:
    """Read the names of forms as they were written into the address."""
    if parts is not None:
        for name in {"form_id", "version"} & parts.keys():
            parts[name] = offering.part_of(parts[name])


def _shown() -> Shown:
    """Read the key in the address, for which nobody is asked."""
    assert request.view_args is not None
    g.openrosa_key = str(request.view_args.pop("key"))
    shown = holders.read(installation().secret, g.openrosa_key, request.args.get("deviceID"))
    g.shown = shown
    return shown


def _who(session: Session) -> Actor:
    """Tell who reads. What somebody captured is taken whatever they are now; what there is to inspect is for inspectors."""
    _shown()
    who = _asked(session, reads=True)
    require(who, Permission.SYNC)
    return who


def _asked(session: Session, *, reads: bool) -> Actor:
    g.asking = holders.identify(session, g.shown, reads=reads)
    return cast("Asking", g.asking).actor


def _who_reads() -> Actor:
    """Make sure of the key only: what is told is the same for all."""
    _shown()
    return STRANGER


def _who_sends() -> Actor:
    """Make sure of who sends before much is received; of what is short, or of who was let in last, only when it is taken."""
    announced = announced_length(request.environ)
    sender = _who_reads()
    if (announced is not None and announced <= _SHORT_BYTES) or _let_in().get(g.shown.key_id) == g.shown:
        return sender
    with short_transaction(writing=False) as session:
        return _asked(session, reads=False)


@pages.get("/formList")
@keyed(_who)
@untransacted
def list_forms() -> Response:
    """List the forms; the first phone that tells which one it is has the key from then on."""
    if not g.asking.names_itself and request.args.get("deviceID"):
        with short_transaction() as session:
            holders.bind(session, g.asking, request.args.get("deviceID"), reads=True)
    with short_transaction(writing=False) as session:
        offered = offering.forms(session, _base())
    wanted = request.args.get("formID")
    offered = [form for form in offered if wanted in {None, form.form_id}]
    return _tagged(offering.forms_tag(offered), lambda: writing.write_form_list(offered))


@pages.get("/forms/<form_id>/<version>.xml")
@keyed(_who)
def send_form(form_id: str, version: str) -> Response:
    """Send a published form as it was published; retired ones too, which phones may still need."""
    row = checklists.published(g.session, form_id, version)
    return _tagged(row.sha256, lambda: row.xform)


@pages.get("/forms/<form_id>/<version>/manifest")
@keyed(_who)
def send_manifest(form_id: str, version: str) -> Response:
    """Tell the files of a form."""
    tag = f"{form_id}-{version}-{lists.list_tag(g.session, g.actor)}"
    return _tagged(
        offering.md5_of(tag.encode()),
        lambda: writing.write_manifest(offering.files(g.session, g.actor, form_id, version, _base())),
    )


@pages.get("/forms/<form_id>/<version>/media/<name>.csv")
@keyed(_who)
def send_list(form_id: str, version: str, name: str) -> Response:
    """Send a list of the asking inspector's own."""
    if name not in offering.form_lists(g.session, form_id, version):
        raise FileNotOfForm()
    tag = lists.list_tag(g.session, g.actor)
    return _tagged(
        f"{name}-{tag}", lambda: lists.write_list(g.session, g.actor, name), "text/csv; charset=utf-8"
    )


@pages.get("/lists/tasks/integrity")
@keyed(_who)
def tell_integrity() -> Response:
    """Say of tasks that a phone holds and does not find in the list whether they have left it."""
    asked = request.args.get("id", "").split(",")[:_MOST_IDS]
    ids = [UUID(each.strip()) for each in asked if _is_uuid(each.strip())]
    return _xml(writing.write_integrity(lists.deleted_of(g.session, g.actor, ids)))


@pages.get("/submission")
@addressed(_who_reads)
@streaming
def tell_limit() -> Response:
    """Tell in what portions to send. A hint: larger bodies are taken all the same. See `announcing` for HEAD."""
    response = Response(status=204)
    response.headers["X-OpenRosa-Accept-Content-Length"] = str(BATCH_BYTES)
    return response


@pages.post("/submission")
@addressed(_who_sends)
@streaming
def take_submission() -> Response:
    """Take a submission, or a part of one: 201 once it is on the disk, whatever it holds."""
    _refuse_when_full()
    with receiving.receive(request.environ, store()) as received:
        xml, files = received.xml, received.store()
    together: Together[Brought, Told | Problem] = current_app.extensions["openrosa"]
    told = together.take(Brought(g.shown, xml, submitting.read(xml), files, received.more))
    if isinstance(told, Problem):
        _let_in().pop(g.shown.key_id, None)
        raise told
    _let_in()[g.shown.key_id] = g.shown
    g.actor = told.actor
    return _xml(writing.write_response(told.message, "submit_success"), 201)


def _let_in() -> dict[UUID, Shown]:
    """What was shown under each key when it was let in last: until it is refused, it is received before anybody is asked."""
    return cast("dict[UUID, Shown]", current_app.extensions["openrosa-let-in"])


def _take(app: App, posts: Sequence[Brought]) -> list[Told | Problem]:
    with app.transaction() as session:
        return submitting.submit(session, app.installation, posts)


@pages.record_once
def take_together(state: BlueprintSetupState) -> None:
    """Let the submissions of one process that come at the same time be taken together."""
    app = cast("App", state.app)
    app.extensions["openrosa"] = Together(partial(_take, app), _AT_ONCE, _PATIENCE)
    app.extensions["openrosa-let-in"] = {}


@pages.errorhandler(StoreError)
def refuse_for_store(error: StoreError) -> Response:
    """Answer what the store could not do; the phone keeps everything and sends it again."""
    if isinstance(error, StoreFull):
        return answer(problems.DiskFull())
    return answer(problems.StoreUnavailable().with_headers(Retry_After="5"))


@pages.after_request
def speak_openrosa(response: Response) -> Response:
    """Give every answer its headers, and a refusal a body that such a phone can show."""
    problem = response.get_json(silent=True) if response.mimetype == "application/problem+json" else None
    if problem is not None:
        said = "。".join(part for part in (problem.get("title"), problem.get("detail")) if part)
        response.set_data(writing.write_response(said, "submit_failure"))
    if problem is not None or response.mimetype == "text/html":
        response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["X-OpenRosa-Version"] = "1.0"
    response.headers["Date"] = formatdate(usegmt=True)
    # It belongs to one person; a proxy keeps none of it, and the phone asks each time whether it is still so.
    response.headers["Cache-Control"] = (
        "private, no-cache" if response.status_code in {200, 304} else "no-store"
    )
    return response


@pages.after_app_request
def speak_beside(response: Response) -> Response:
    """Answer as OpenRosa what leads to no view, too: a mistyped address, a verb that nobody answers."""
    is_ours = request.blueprint is None and _OURS.match(request.path)
    return speak_openrosa(response) if is_ours else response


def _refuse_when_full() -> None:
    """Say so while there is a thread to say it with; what is on the phone comes again. Raises Busy."""
    app = cast("App", current_app)
    if app.admission.requests > max(_SPARE_THREADS, settings().upload_threads - _SPARE_THREADS):
        raise Busy().with_headers(Retry_After=again_within(LATER))


def _base() -> str:
    """Where this key's addresses begin, as the phone sees this server."""
    return f"{request.host_url.rstrip('/')}/openrosa/{g.openrosa_key}"


def _tagged(tag: str, write: Callable[[], bytes], content_type: str = CONTENT_TYPE) -> Response:
    """Answer with what is written, or with 304 where the phone has it: then it is not even written."""
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = _xml(write(), content_type=content_type)
    response.set_etag(tag)
    return response


def _xml(body: bytes, status: int = 200, *, content_type: str = CONTENT_TYPE) -> Response:
    return Response(body, status, content_type=content_type)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
