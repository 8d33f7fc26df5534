"""The audit trail is read by who, what and when, within a jurisdiction, in words; and a visit's life is told whole."""

import ast
import re
from pathlib import Path
from uuid import uuid4

import pytest

from server import audit, clock
from server.access import SYSTEM, Permission, Role
from server.accounts import permits
from server.trail import reading, words

AUDIT = "/api/v1/audit"
SERVER = Path(words.__file__).parent.parent


def told(client, **query):
    return client.get(AUDIT, query_string=query)


def test_entries_are_found_by_actor_event_thing_day_and_region_within_the_jurisdiction(app, cast):
    admin, auditor = cast.signed_in(Role.ADMIN), cast.signed_in(Role.AUDITOR)
    neighbour = cast.signed_in(Role.ADMIN, region="140524")
    city = cast.signed_in(Role.AUDITOR, region="140500")
    someone = cast.person(Role.INSPECTOR)
    admin.patch(f"/api/v1/people/{someone.person_id}", {"name": "改名"})
    admin.patch(f"/api/v1/people/{someone.person_id}", {"active": False})
    other = cast.person(Role.INSPECTOR, region="140524")
    neighbour.patch(f"/api/v1/people/{other.person_id}", {"name": "邻县"})
    with audit.transaction(app.sessions) as session:
        audit.append(session, SYSTEM, "store.swept", ("shelf", "00"), {"count": 1})

    mine = told(auditor, actor=admin.username, action="person.changed")
    assert [entry["told"] for entry in mine] == ["人员已修改", "人员已修改"]
    assert mine[0]["members"] == [
        {"member": "active", "name": "在用", "name_en": "active", "before": True, "now": False}
    ]
    assert (mine[1]["name"], mine[1]["kind_name"]) == ("改名", "人员")
    assert {entry["seq"] for entry in told(auditor, subject=str(someone.person_id))} >= {
        entry["seq"] for entry in mine
    }
    assert told(auditor, actor=neighbour.username) == []  # the neighbours' business
    assert told(auditor, action="store.swept") == []  # and the system's, which has no region
    assert {entry["region"] for entry in told(city, action="person.changed")} == {"140522", "140524"}
    assert [entry["region"] for entry in told(city, action="person.changed", region="140524")] == ["140524"]
    today = clock.today().isoformat()
    assert told(auditor, first=today, last=today, actor=admin.username) == told(auditor, actor=admin.username)
    assert told(auditor, last="2020-01-01") == []
    assert auditor.get(AUDIT, query_string={"first": "soon"}, expect=422)["code"] == "request.invalid"

    page = auditor.call("GET", f"{AUDIT}?limit=1&actor={admin.username}")
    following = page.headers["Link"].split(">")[0].strip("<")
    assert auditor.get(following)[0]["seq"] < page.get_json()[0]["seq"]
    words_there = auditor.get(f"{AUDIT}/words")
    assert {"value": "person.changed", "name": "人员已修改", "name_en": "person changed"} in words_there[
        "actions"
    ]


def test_the_system_is_read_by_who_governs_every_bureau_and_secrets_by_nobody(app, cast):
    nation = cast.signed_in(Role.AUDITOR, region="000000")
    with audit.transaction(app.sessions) as session:
        details = {"sealed_key": "c2Vj", "note": "n", "before": "a", "now": "b"}
        audit.append(session, SYSTEM, "store.swept", ("shelf", "7"), details)

    entry = told(nation, action="store.swept")[0]

    assert (entry["actor_name"], entry["region"], entry["kind_name"]) == ("系统", None, "存储区")
    assert "c2Vj" not in str(entry)
    assert reading.members_of({"from": "open", "to": "done", "sealed_key": "c2Vj"}) == [
        {"member": "state", "name": "状态", "name_en": "state", "now": "done", "before": "open"}
    ]
    settled = reading.members_of({"before": {"a": 1}, "now": {"a": 2}})
    assert [(row["member"], row["before"], row["now"]) for row in settled] == [("a", 1, 2)]


def test_a_visit_is_told_from_its_task_to_its_record_wherever_one_begins(cast):
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    lead.syncs()
    record = lead.fills(task)
    lead.syncs()
    auditor, stranger = cast.signed_in(Role.AUDITOR), cast.signed_in(Role.AUDITOR, region="140524")

    life = auditor.get(f"{AUDIT}/life?kind=record&id={record}")

    assert life[0]["action"] == "task.opened"
    assert {"revision.accepted", "record.submitted"} <= {entry["action"] for entry in life}
    assert [entry["seq"] for entry in life] == sorted(entry["seq"] for entry in life)
    assert auditor.get(f"{AUDIT}/life?kind=task&id={task}") == life
    outside = stranger.get(f"{AUDIT}/life?kind=task&id={task}", expect=403)
    assert outside["code"] == "access.outside-jurisdiction"
    assert auditor.get(f"{AUDIT}/life?kind=task&id={uuid4()}", expect=404)["code"] == "task.not-found"


def test_who_did_what_to_an_account_is_read_by_its_administrator_and_the_auditor(cast):
    admin, auditor = cast.signed_in(Role.ADMIN), cast.signed_in(Role.AUDITOR)
    someone = cast.signed_in(Role.INSPECTOR)
    admin.post(f"/api/v1/people/{someone.person_id}/code", expect=201)
    its = f"/api/v1/people/{someone.person_id}/history"

    assert [entry["told"] for entry in admin.get(its)][:2] == ["人员已生成一次性验证码", "登录已开启"]
    assert auditor.get(its) == admin.get(its)
    for path in (its, AUDIT, f"{AUDIT}/words", f"{AUDIT}/check", f"{AUDIT}/life?kind=task&id={uuid4()}"):
        assert someone.get(path, expect=403)["code"] == "access.denied"
    assert admin.get(AUDIT, expect=403)["code"] == "access.denied"  # looks after people, does not read of all


def events_in(module: Path):
    """The events that a module appends, where they are written out."""
    for node in ast.walk(ast.parse(module.read_text())):
        named = isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "audit.append",
            "_note",
            "note",
            "_tell",
        }
        for argument in node.args if named else ():
            if isinstance(argument, ast.Constant) and re.fullmatch(r"[a-z-]+\.[a-z-]+", str(argument.value)):
                yield argument.value


def test_every_event_and_every_permission_has_its_chinese():
    events = {event for module in SERVER.rglob("*.py") for event in events_in(module)}
    assert len(events) > 90
    for event in sorted(events):
        try:
            chinese, _ = words.event(event)
        except KeyError as half:
            pytest.fail(f"{event}: give {half} a word in server/trail/words.py")
        assert not re.search("[a-z]", chinese), event
    for permission in Permission:
        noun, _, verb = permission.value.partition(".")
        assert noun in permits.NOUNS, f"{permission}: give {noun} a word in server/accounts/permits.py"
        assert verb in permits.VERBS, f"{permission}: give {verb} a word in server/accounts/permits.py"
    assert set(permits.ROLES) == set(Role)
