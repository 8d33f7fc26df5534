"""Released results in bulk, with canaries in every column that nobody outside may see."""

from uuid import uuid4

from sqlalchemy import insert

from server.accounts.models import Organisation, Person
from server.inspections.models import Record, Revision, Task
from server.registry.models import BoundaryMarker, Certificate, InspectedObject, Licence
from server.results.models import Followup, Objection, Result, ResultVersion
from tests.planting import filled

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


def plant(session, count, name="金丝雀石料厂{:04}", uscc="110101199003070011"):
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
                InspectedObject, id=found, **here, name=name.format(place), kind="enterprise",
                uscc=uscc, uscc_valid=True, tags=[],
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
