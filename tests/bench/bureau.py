"""A bureau with as many stored records as wanted, and a few inspectors whose own view stays the same size."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from sqlalchemy import insert

import forms
from forms.catalog import catalog
from server import audit, clock, feed
from server.access import SYSTEM, Role
from server.accounts.devices import DeviceClaim
from server.accounts.models import Organisation, Region
from server.accounts.service import (
    Attempt,
    Lifetimes,
    actor_of,
    add_person,
    hash_password,
    sign_in,
)
from server.app import create_app
from server.checklists.service import publish
from server.feed import FeedReason, FeedRow
from server.http import App
from server.inspections.models import Assignment, Record, Revision, Task
from server.registry.models import InspectedObject
from server.serve import prepare_installation
from server.settings import Settings
from sync import generate_device_key, public_jwk

PASSWORD = "bench-password"
REGION = "140522"
FORM = "survey_quality"
TASKS_EACH = 60
CHUNK = 2000
MEASURED = 32


@dataclass(frozen=True)
class Inspector:
    """Someone who pushes and pulls in the measurement."""

    person_id: UUID
    token: str
    device: UUID
    key: EllipticCurvePrivateKey
    tasks: tuple[UUID, ...]


@dataclass(frozen=True)
class Bureau:
    """A populated installation."""

    settings: Settings
    inspectors: tuple[Inspector, ...]
    form: forms.Form
    stored: int


def build_bureau(settings: Settings, stored: int) -> Bureau:
    """Migrate, publish the forms, and fill the database with `stored` records of others."""
    prepare_installation(settings)
    app = create_app(settings)
    with audit.transaction(app.sessions) as session:
        session.add(Region(code=REGION, name="阳城县"))
        session.flush()
        organisation = Organisation(name="阳城县自然资源局", region=REGION)
        session.add(organisation)
        session.flush()
        admin = add_person(session, "bench-admin", "管理员", PASSWORD, [Role.ADMIN], organisation)
        actor = actor_of(admin)
        for form in catalog():
            publish(session, actor, form.source, ".md")
        its_object = InspectedObject(
            id=uuid4(), region=REGION, organisation_id=organisation.id, kind="enterprise", name="测试测绘公司",
            address="阳城", legal_representative="某", tags=[], active=True,
        )  # fmt: skip
        session.add(its_object)
        session.flush()
    people = _people(app, organisation, MEASURED, "measured")
    inspectors = tuple(
        Inspector(person, token, device, key, _tasks(app, organisation, its_object.id, person, TASKS_EACH))
        for person, token, device, key in people
    )
    _fill(app, organisation, its_object.id, stored)
    xform = next(form for form in catalog() if form.form_id == FORM)
    compiled = forms.compile_xlsform(xform.source, ".md")
    app.close()
    return Bureau(settings, inspectors, forms.load_form(compiled.xform), stored)


def _people(
    app: App, organisation: Organisation, count: int, prefix: str
) -> list[tuple[UUID, str, UUID, EllipticCurvePrivateKey]]:
    hashed = hash_password(PASSWORD)
    found = []
    for number in range(count):
        with audit.transaction(app.sessions) as session:
            name = f"{prefix}-{number}"
            person = add_person(session, name, name, "", [Role.INSPECTOR], organisation, hashed=hashed)
            device, key = uuid4(), generate_device_key()
            claim = DeviceClaim(device, name, public_jwk(key))
            lifetimes = Lifetimes(timedelta(hours=8), timedelta(days=1))
            opened = sign_in(session, Attempt(name, hashed, True), claim, lifetimes)
            found.append((person.id, opened.token, device, key))
    return found


def _tasks(
    app: App, organisation: Organisation, object_id: UUID, person: UUID, count: int
) -> tuple[UUID, ...]:
    today = clock.now().date()
    ids = tuple(uuid4() for _ in range(count))
    with audit.transaction(app.sessions) as session:
        session.execute(insert(Task), [_task(identity, organisation, object_id, today) for identity in ids])
        session.execute(
            insert(Assignment),
            [
                {"task_id": identity, "person_id": person, "role": "lead", "ended_at": None}
                for identity in ids
            ],
        )
        for identity in ids:
            feed.grant(session, feed.user(person), "task", identity, f"task:{identity}")
            feed.grant(session, feed.user(person), "object", object_id, f"task:{identity}")
            audit.append(session, SYSTEM, "task.opened", ("task", identity))
    return ids


def _task(identity, organisation, object_id, today):
    return {
        "id": identity, "number": f"T-{identity}", "name": "测绘成果质量监督检查", "region": REGION,
        "organisation_id": organisation.id, "draw_id": None, "drawn_visit_id": None, "planned_id": None,
        "object_id": object_id, "forms": [FORM], "item_codes": ["QUALITY_ORG"], "opens_on": today,
        "due_on": today + timedelta(days=30), "state": "assigned", "approval_no": "1", "notice_no": "1",
        "closed_at": None,
    }  # fmt: skip


def _fill(app: App, organisation: Organisation, object_id: UUID, stored: int) -> None:
    """Store the records of 200 other inspectors, with everything that lies beside a record."""
    others = [person for person, *_ in _people(app, organisation, min(200, max(2, stored // 50)), "other")]
    today, now = clock.now().date(), clock.now()
    xml = "<data>" + "<a>答案</a>" * 120 + "</data>"
    done = 0
    while done < stored:
        count = min(CHUNK, stored - done)
        tasks, records, revisions, rows, reasons = [], [], [], [], []
        with audit.transaction(app.sessions) as session:
            facts = []
            for number in range(done, done + count):
                person = others[number % len(others)]
                task, record = uuid4(), uuid4()
                data = json.dumps({"record": str(record), "xml": xml}, ensure_ascii=False).encode()
                rev = "sha256:" + hashlib.sha256(data).hexdigest()
                tasks.append(_task(task, organisation, object_id, today))
                records.append(_record(record, task, person, rev, now))
                revisions.append(_revision(record, task, person, rev, data, now, number))
                for kind, entity in (("task", task), ("record", record)):
                    reasons.append(
                        {
                            "recipient": feed.user(person),
                            "kind": kind,
                            "entity": str(entity),
                            "reason": f"task:{task}",
                        }
                    )
                    rows.append({"recipient": feed.user(person), "kind": kind, "entity": str(entity)})
                facts.append(
                    audit.append(session, SYSTEM, "revision.accepted", ("record", record), {"rev": rev})
                )
            session.execute(insert(Task), tasks)
            session.execute(insert(Record), records)
            session.execute(insert(Revision), revisions)
            session.execute(insert(FeedReason), reasons)
            audit.seal(session)
            for place, row in enumerate(rows):
                row |= {"seq": facts[place // 2].seq, "live": True, "why": None}
            session.execute(insert(FeedRow), rows)
        done += count


def _record(record, task, person, rev, now):
    return {
        "id": record, "task_id": task, "region": REGION, "form_id": FORM, "form_version": "2026.2",
        "state": "under_review", "heads": [rev], "review_act": None, "review_rev": None, "final_rev": None,
        "marks": None, "return_reason": None, "flags": [], "author_id": person, "created_at": now,
        "submitted_at": now, "finished_at": None,
    }  # fmt: skip


def _revision(record, task, person, rev, data, now, number):
    return {
        "rev": rev, "data": data, "received_at": now, "status": "accepted", "reason": None, "author_id": person,
        "record_id": record, "task_id": task, "alg": None, "key": None, "sig": None, "evidence_level": "unsigned",
        "device_id": None, "dev_seq": number, "parents": [], "wall_time": now, "clock": {}, "form_id": FORM,
        "form_version": "2026.2", "answers": {"a": "答案"}, "findings": [], "media": [], "signatures": None,
        "flags": [], "position": None,
    }  # fmt: skip
