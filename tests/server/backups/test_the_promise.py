"""Yesterday's backup and the phones of today: everything that a phone still holds is back."""

import base64

import pytest
from sqlalchemy import select

from server import audit
from server.audit import AuditEntry
from server.evidence.models import MediaObject
from server.inspections.models import Record, Revision
from tests.actors.author import author
from tests.actors.phone import SPOT_CHECK
from tests.actors.someone import PASSWORD
from tests.actors.supervisor import supervisor

NEWER = SPOT_CHECK.replace("| spot_check | 1 |", "| spot_check | 2 |")


def bytes_held(*phones):
    """Every revision that the phones hold, of their own and of others, with its bytes."""
    own = {op.rev: op.item for phone in phones for op in phone.state.ops if op.kind == "revision"}
    others = {rev: held.item for phone in phones for rev, held in phone.state.held.items()}
    return {rev: base64.b64decode(item["bytes"]) for rev, item in (own | others).items()}


def stored(app, kind, column):
    with app.readers() as session:
        return dict(session.execute(select(kind.rev if kind is Revision else kind.sha256, column)).all())


def state_of(app, record):
    with app.readers() as session:
        return session.get_one(Record, record).state


def move(app, *people):
    """The same people, at the server that was brought back."""
    for person in people:
        person.app = app


@pytest.fixture
def shelves(request, bureau, place):
    """The store that is lost with the database, and the place of its backups: folders, or two buckets of a service."""
    if not bureau.is_on_postgres:
        return place
    service = request.getfixturevalue("rclone_service")
    bureau.moves_media_to(service, service.make_bucket())
    return service.url(service.make_bucket())


def test_all_that_phones_hold_is_back_after_a_restore_from_yesterday(bureau, shelves):
    place, cast = shelves, bureau.cast
    lead, second, chief = cast.phone(), cast.phone(), supervisor(cast)
    task = cast.task(lead, second)
    reviewed = lead.fills(task)
    lead.syncs()
    second.syncs()
    bureau.runs("backup", place)

    today = works_on(cast, lead, second, chief, task, reviewed)
    held = bytes_held(lead, second, today["third"])
    files = {sha256 for phone in (lead, second, today["third"]) for sha256 in phone.files}
    bureau.breaks_down(media_too=True)

    bureau.runs("restore", place)
    app = bureau.starts()
    move(app, lead, second, chief, today["third"])
    chief.sign_in()
    for phone in (lead, second):
        phone.signs_in()
        phone.syncs()
    newcomer = today["third"]
    assert stored(app, Revision, Revision.status)[today["newcomers"]] == "quarantined"
    comes_back(bureau, newcomer)
    newcomer.syncs()

    assert stored(app, Revision, Revision.data) == held
    assert stored(app, MediaObject, MediaObject.sha256).keys() >= files
    statuses = stored(app, Revision, Revision.status)
    assert statuses[today["newcomers"]] in {"accepted", "late"}  # the key is known again
    assert {statuses[rev] for rev in today["taken"]} == {"accepted"}
    assert {statuses[rev] for rev in today["on what is lost"]} == {"quarantined"}
    # What the supervisor decided since is lost, and asked again.
    assert state_of(app, reviewed) == "under_review"
    assert lead.record(reviewed)["state"] == "under_review"
    assert [each["id"] for each in chief.waiting()].count(str(reviewed)) == 1
    for phone in (lead, second, newcomer):
        assert not phone.state.outbox
        assert not phone.state.need_reoffer
        assert not phone.state.unconfirmed
    with app.readers() as session:
        assert audit.verify_chain(session) is None
        relayed = select(AuditEntry.details).where(AuditEntry.subject == today["newcomers"])
        assert any("relayed_by" in details or "reason" in details for details in session.scalars(relayed))


def works_on(cast, lead, second, chief, task, reviewed):
    """A day's work that the backup does not have: of phones, of the supervisor, of the planner and the form's author."""
    chief.returns(reviewed, {"/data/note": "看不清"})
    lead.pulls()
    corrected = lead.corrects(reviewed)
    lead.syncs()
    chief.accepts(reviewed)
    fresh = lead.fills(task)
    second.attests(lead.drafts[fresh].heads[0])
    lead.syncs()
    second.syncs()
    on_new_task = lead.fills(cast.task(lead), form_id="spot_check")
    third = cast.phone()
    newcomers = third.fills(task)
    third.syncs()
    author(cast).writes_and_publishes(NEWER)
    lead.pulls()
    on_new_form = lead.fills(task)
    lead.syncs()
    newcomers_rev = third.drafts[newcomers].heads[0]
    second.pulls()
    second.holds(newcomers_rev)
    offline = lead.fills(task)  # never sent before the server was lost
    heads = {record: lead.drafts[record].heads[0] for record in (fresh, on_new_task, on_new_form, offline)}
    return {
        "third": third,
        "newcomers": newcomers_rev,
        "taken": [corrected, heads[fresh]],
        "on what is lost": [heads[on_new_task], heads[on_new_form], heads[offline]],
    }


def comes_back(bureau, person):
    """Somebody who was added after the backup is added again, under the id that their work names."""
    bureau.runs(
        "add-person", person.username, "新人", "--organisation", "阳城县自然资源局",
        "--role", "inspector", "--id", str(person.person_id), "--password", PASSWORD,
    )  # fmt: skip
    person.signs_in()
