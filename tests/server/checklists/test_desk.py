"""What somebody at the forms desk sees: forms in lines, an author's file in rows, changes with what they mean."""

import pytest

from server import audit
from server.access import SYSTEM, Role
from server.accounts import devices
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.registry.service import enter_standard_items
from tests.actors.author import FORMS, author
from tests.server.checklists.test_drafts import XLSX, as_xlsx
from tests.server.checklists.written import a_form


@pytest.fixture
def admin(cast):
    return author(cast)


def test_a_form_is_one_line_with_its_versions_and_the_items_it_is_for(admin, session):
    enter_standard_items(session, SYSTEM)
    for version in ("1", "2"):
        admin.writes_and_publishes(a_form(form_id="mine_overstep", version=version))
    admin.writes_and_publishes(a_form())
    admin.retires("road_check", "1")

    mine, road = admin.get(f"{FORMS}/overview")

    assert (mine["id"], mine["version"], mine["state"]) == ("mine_overstep", "2", "offered")
    assert [each["version"] for each in mine["versions"]] == ["2", "1"]
    assert "MINE_OVERSTEP" in [item["code"] for item in mine["items"]]
    assert (road["id"], road["version"], road["state"], road["items"]) == ("road_check", None, "retired", [])
    assert [each["id"] for each in admin.get(f"{FORMS}/overview?state=retired")] == ["road_check"]
    assert admin.get(f"{FORMS}/overview?state=odd", expect=422)["code"] == "request.invalid"


def test_the_older_version_is_offered_in_its_line_when_the_newest_is_retired(admin):
    for version in ("1", "2"):
        admin.writes_and_publishes(a_form(version=version))
    admin.retires("road_check", "2")

    [road] = admin.get(f"{FORMS}/overview")

    assert (road["version"], road["state"], len(road["versions"])) == ("1", "offered", 2)


@pytest.mark.parametrize("kind", ["text/markdown", XLSX])
def test_what_was_found_stands_in_the_row_and_column_that_it_names(admin, kind):
    source = a_form(hint="")
    draft = admin.writes(as_xlsx(source) if kind == XLSX else source, kind)

    sheets = {sheet["name"]: sheet for sheet in admin.get(f"{FORMS}/drafts/{draft['id']}/sheets")}

    for finding in draft["findings"]:
        sheet = sheets[finding["sheet"]]
        row = next(each for each in sheet["rows"] if each["row"] == finding["row"])
        assert row["cells"]["name"] == "photo"
        assert [each for each in sheet["header"] if each.partition("::")[0] == finding["column"]]
    assert sheets["settings"]["rows"] == [
        {
            "row": 2,
            "cells": {
                "form_title": "道路检查 / Road check",
                "form_id": "road_check",
                "version": "1",
                "default_language": "中文 (zh)",
                "client_editable": "yes",
            },
        }
    ]


def test_a_file_that_cannot_be_read_has_no_rows(admin, cast):
    draft = admin.writes(b"PK not a workbook", XLSX)["id"]

    assert admin.get(f"{FORMS}/drafts/{draft}/sheets") == []
    assert (
        author(cast, Role.INSPECTOR).get(f"{FORMS}/drafts/{draft}/sheets", expect=403)["code"]
        == "access.denied"
    )


def test_changes_say_what_they_mean_for_drafts_on_phones_and_for_records(admin):
    admin.writes_and_publishes(a_form(version="1"))
    admin.writes_and_publishes(a_form(version="2", label="情况", required="yes"))

    compared = admin.compares("road_check", "1", "2")

    assert set(compared["effects"]) == {"label", "required"}
    assert compared["effects"]["required"] == {
        "drafts": "空白的须补填后才能提交",
        "drafts_en": "To be filled in before the draft is handed in",
        "records": "已提交的记录按原版本的规则核对，不受影响",
        "records_en": "Records handed in are checked by the rules of their own version",
    }


def test_what_a_form_is_used_for_is_counted_within_the_jurisdiction(admin, cast):
    lead, second, elsewhere = cast.phone(), cast.phone(), cast.phone(region="130800")
    cast.task(lead, second)
    cast.task(lead, second)
    cast.task(elsewhere, cast.phone(region="130800"), region="130800")
    usage = f"{FORMS}/spot_check/usage"

    assert admin.get(usage) == {"assigned": 2, "open": 0, "people": 2, "phones": 2}
    assert lead.get(usage)["assigned"] == 2
    assert admin.get(f"{FORMS}/spot%25check/usage")["assigned"] == 0  # `%` is a letter like any other

    with audit.transaction(cast.app.sessions) as session:
        devices.block_device(session, actor_of(session.get_one(Person, second.person_id)), second.device)
    assert admin.get(usage)["phones"] == 1
    assert author(cast, Role.OPERATOR).get(usage, expect=403)["code"] == "access.denied"


def test_the_tasks_that_a_form_is_filled_in_for_are_found(cast):
    supervisor = cast.signed_in(Role.SUPERVISOR)
    task = cast.task(cast.phone(), cast.phone())

    assert [each["id"] for each in supervisor.get("/api/v1/tasks?form=spot_check")] == [str(task)]
    assert supervisor.get("/api/v1/tasks?form=spot") == []
