"""What few bear is found by a part of its name or by a label, however much there is; what many bear is found all the same."""

from importlib import import_module
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select

from server import terms
from server.access import Role
from server.accounts.models import DeviceTerm, PersonTerm
from server.inspections.models import TaskTerm
from server.registry.models import InspectedObject, ObjectTerm
from server.terms import endings, labels

LONG = "阳城县凤城镇一个名字长得怎么也写不完的石灰岩矿第二采区东翼"


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


def enter(planner, name, **more):
    return planner.post("/api/v1/objects", {"name": name, **more}, expect=201)["id"]


def found_by(planner, **sought):
    asked = "&".join(f"{name}={value}" for name, value in sought.items())
    return {each["name"] for each in planner.get(f"/api/v1/objects?{asked}")}


def test_parts_and_labels_are_found_whether_few_or_many_bear_them(planner, monkeypatch):
    enter(planner, "阳城县甲矿", tags=["矿山"])
    enter(planner, "沁水县甲矿")
    enter(planner, "Limestone 50% Quarry")
    enter(planner, LONG, tags=["矿山"])

    def found():
        return [
            found_by(planner, text="县甲"),
            found_by(planner, text="甲县"),
            found_by(planner, text="50%25"),
            found_by(planner, text="0%25q"),
            found_by(planner, text=LONG[1:]),
            found_by(planner, text=LONG[1:-1] + "西"),
            found_by(planner, text="矿", tag="矿山"),
            found_by(planner, tag="矿山"),
            found_by(planner, tag="矿"),
        ]

    few = found()
    monkeypatch.setattr(terms, "MOST", 0)

    assert few == found()
    assert few == [
        {"阳城县甲矿", "沁水县甲矿"}, set(), {"Limestone 50% Quarry"}, set(), {LONG}, set(), {"阳城县甲矿", LONG},
        {"阳城县甲矿", LONG}, set(),
    ]  # fmt: skip


def test_a_new_name_is_found_and_the_old_one_is_not(planner, session):
    found = enter(planner, "旧名石料厂", tags=["矿山"])

    planner.put(f"/api/v1/objects/{found}", {"name": "新名石料厂", "tags": ["矿山"]})

    assert found_by(planner, text="新名石") == {"新名石料厂"}
    assert found_by(planner, text="旧名石") == set()
    kept = session.scalars(select(ObjectTerm.term).where(ObjectTerm.object_id == UUID(found)))
    assert set(kept) == endings("新名石料厂") | labels(["矿山"])
    session.execute(delete(InspectedObject).where(InspectedObject.id == UUID(found)))
    assert session.scalars(select(ObjectTerm).where(ObjectTerm.object_id == UUID(found))).all() == []


def test_people_are_found_by_name_user_name_and_role(cast, session, monkeypatch):
    admin, other = cast.signed_in(Role.ADMIN), cast.signed_in(Role.AUDITOR)
    person = admin.get(f"/api/v1/people?q={other.username.upper()}")
    auditors = [each["username"] for each in admin.get("/api/v1/people?role=auditor")]
    monkeypatch.setattr(terms, "MOST", 0)

    assert [each["username"] for each in person] == [other.username]
    assert other.username in auditors
    assert admin.username not in auditors
    assert admin.get(f"/api/v1/people?q={other.username.upper()}") == person
    assert [each["username"] for each in admin.get("/api/v1/people?role=auditor")] == auditors


def test_what_was_there_before_is_found_too(planner, cast, session):
    """The migration writes the terms that the unit of work writes from now on: the same functions are its measure."""
    enter(planner, LONG, tags=["矿山"])
    cast.phone()
    written = {model: set(session.execute(select(*model.__table__.columns))) for model in _KEPT}
    for model in _KEPT:
        session.execute(delete(model))
    # … as an installation of yesterday has it.
    migration = import_module("server.migrations.versions.20261128_60_what_few_bear_is_found")
    for table, keys, source, named, labelled in migration.KEPT:
        rows = list(migration.terms_of(session.connection(), keys, source, named, labelled))
        if rows:
            session.execute(insert(_TABLES[table]), rows)

    assert {model: set(session.execute(select(*model.__table__.columns))) for model in _KEPT} == written
    assert all(written[model] for model in (ObjectTerm, PersonTerm, DeviceTerm))


_KEPT = (ObjectTerm, PersonTerm, DeviceTerm, TaskTerm)
_TABLES = {model.__tablename__: model.__table__ for model in _KEPT}
