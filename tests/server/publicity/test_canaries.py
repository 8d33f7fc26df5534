"""Ten thousand public results hold nothing that is not on the whitelist.

Every column of every table that a result comes from is filled with a canary, but for those that the whitelist names
and those that have to hold something the database understands. None of them is ever seen outside.
"""

import json
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import insert, update

from server import audit, clock
from server.accounts.models import Organisation, Person
from server.inspections.models import Record, Revision, Task
from server.publicity.disclosing import Release, disclose, disclose_earlier
from server.publicity.models import Disclosure
from server.registry.models import BoundaryMarker, Certificate, InspectedObject, Licence
from server.results.models import Followup, Objection, Result, ResultVersion
from tests.planting import NUMBER, filled

ITEMS = 100
FILLED = (
    Person, InspectedObject, Licence, BoundaryMarker, Certificate, Task, Record, Revision, Result, ResultVersion,
    Followup, Objection,
)  # fmt: skip
SAID = {
    "codes": ["NO_PROBLEM"],
    "followup_codes": [],
    "findings_text": "CANARY",
    "correction": "CANARY",
    "version": 1,
}


def plant(session, count):
    """`count` released results, all of whose neighbours are full of canaries; returns their ids."""
    organisation = session.query(Organisation).filter_by(region="140522").one()
    here = {"region": "140522", "organisation_id": organisation.id}
    people, objects, licences, markers, certificates = [], [], [], [], []
    tasks, records, revisions, results, versions, followups, objections = [], [], [], [], [], [], []
    for place in range(count // ITEMS):
        person, found, task, record = uuid4(), uuid4(), uuid4(), uuid4()
        rev = f"sha256:CANARY-{uuid4().hex}"
        people.append(filled(Person, id=person, **here))
        objects.append(
            filled(
                InspectedObject, id=found, **here, name=f"金丝雀石料厂{place:04}", kind="enterprise",
                uscc="110101199003070011", uscc_valid=True, tags=[],
            )
        )  # fmt: skip
        licence = filled(Licence, object_id=found)
        licences.append(licence)
        markers.append(filled(BoundaryMarker, licence_id=licence["id"]))
        certificates.append(filled(Certificate, person_id=person))
        tasks.append(
            filled(Task, id=task, **here, number=f"T-{place}", name="生产矿山抽查", object_id=found, draw_id=None,
                   drawn_visit_id=uuid4(), planned_id=None, forms=[], item_codes=[], state="done")
        )  # fmt: skip
        records.append(filled(Record, id=record, task_id=task, author_id=person, region="140522"))
        revisions.append(filled(Revision, rev=rev, record_id=record, task_id=task, author_id=person))
        for item in range(ITEMS):
            result = uuid4()
            results.append(
                filled(Result, id=result, **here, task_id=task, object_id=found, record_id=record, rev=rev,
                       item_code=f"I{item}", codes=["NO_PROBLEM"], followup_codes=[], state="released", version=1,
                       objection=None, confirmed_by=person, released_by=person)
            )  # fmt: skip
        versions.append(
            filled(ResultVersion, result_id=result, version=1, codes=["NO_PROBLEM"], followup_codes=[])
        )
        followups.append(filled(Followup, result_id=result, **here))
        objections.append(filled(Objection, result_id=result, region="140522", received_by=person))
    rows = (people, objects, licences, markers, certificates, tasks, records, revisions, results, versions,
            followups, objections)  # fmt: skip
    for model, some in zip(FILLED, rows, strict=True):
        session.execute(insert(model.__table__), some)
    return [row["id"] for row in results]


def read(stranger, path, parts=1000):
    """The texts behind an address, part by part along their links."""
    texts = []
    while path and len(texts) < parts:
        response = stranger.call("GET", path)
        assert response.status_code == 200
        texts.append(response.get_data(as_text=True))
        link = response.headers.get("Link")
        path = link and link[1 : link.index(">")]
    return texts


def test_ten_thousand_public_results_hold_no_canary(cast, database):
    count = 10_000 if database.name == "sqlite" else 500
    cast.organisation()
    with audit.transaction(cast.app.sessions) as session:
        session.query(Organisation).update({"rules": {"publicity": {"targets": ["portal"]}}})
        ids = plant(session, count)
        assert (disclose_earlier(session, 3), disclose_earlier(session, 3)) == (3, min(3, count // ITEMS - 3))
        for start in range(0, count, 1000):
            disclose(session, [Release(each, SAID) for each in ids[start : start + 1000]])
        again = disclose(session, [Release(each, SAID) for each in ids[:10]])
        assert again == []
        session.execute(update(Disclosure).values(changed_at=clock.now() - timedelta(minutes=2)))
    stranger = cast.stranger()
    whole = read(stranger, "/public/files/results.json")
    assert sum(len(json.loads(told)) for told in whole) == count
    # The same rows in their other spellings: the first thousand are enough to see what a spelling tells.
    table = read(stranger, "/public/files/results.csv", parts=1)
    found = read(stranger, "/public/results?limit=200", parts=5)
    for told in (*whole, *table, *found):
        for secret in ("CANARY", str(NUMBER), "110101199003070011"):
            assert secret not in told
    one = stranger.get("/public/results?limit=1")[0]
    detail = stranger.call("GET", f"/public/results/{one['id']}").get_data(as_text=True)
    assert "CANARY" not in detail
    assert one["object_name"].startswith("金丝雀石料厂")


def test_the_canaries_would_be_seen():
    row = filled(InspectedObject, region="140522")
    assert row["phone"].startswith("CANARY")
    assert row["latitude"] == NUMBER
    assert filled(Result)["findings_text"].startswith("CANARY")
