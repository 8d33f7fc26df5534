"""Publishing forms: versions never change, and phones hear of new ones."""

import hashlib

import pytest

from forms.catalog import catalog
from server import audit
from server.access import Role
from server.checklists import service

FORM = """
| survey | | | |
| | type | name | label |
| | text | note | {label} |
| settings | | | |
| | form_title | form_id | version |
| | 抽查记录 / Spot check | {form_id} | {version} |
"""


def a_form(label="记录", form_id="spot_check", version="1"):
    return FORM.format(label=label, form_id=form_id, version=version)


def publish(person, source, kind="text/markdown", expect=201):
    return person.post("/api/v1/forms", data=source, content_type=kind, expect=expect)


@pytest.fixture
def admin(cast):
    return cast.signed_in(Role.ADMIN)


def test_a_published_form_is_listed_and_its_bytes_are_served_for_good(admin, cast):
    row = publish(admin, a_form())
    inspector = cast.signed_in(Role.INSPECTOR)

    listed = inspector.get("/api/v1/forms")
    response = inspector.get("/api/v1/forms/spot_check/versions/1/xform")

    assert [each["form_id"] for each in listed] == ["spot_check"]
    assert inspector.get("/api/v1/forms/spot_check/versions/1") == row
    assert hashlib.sha256(response.data).hexdigest() == row["sha256"]
    assert "immutable" in response.headers["Cache-Control"]


def test_the_same_form_published_twice_is_one(admin):
    assert publish(admin, a_form()) == publish(admin, a_form())
    assert len(admin.get("/api/v1/forms")) == 1


def test_other_content_under_a_published_version_is_refused(admin):
    publish(admin, a_form())

    answer = publish(admin, a_form(label="改过的"), expect=409)

    assert (answer["code"], answer["version"]) == ("form.version-exists", "1")


def test_a_new_version_is_the_one_to_use_and_the_old_one_stays(admin, session):
    publish(admin, a_form(version="1"))
    publish(admin, a_form(version="2"))

    assert service.form_view(session, ["spot_check"])["spot_check"]["version"] == "2"
    assert admin.get("/api/v1/forms/spot_check/versions/1")["version"] == "1"


def test_a_form_that_does_not_compile_names_sheet_and_row(admin):
    answer = publish(admin, a_form().replace("text | note", "telepathy | note"), expect=422)

    assert answer["code"] == "form.uncompilable"
    assert [(each["sheet"], each["row"]) for each in answer["findings"]] == [("survey", 2)]


@pytest.mark.parametrize(
    ("source", "kind", "expect", "code"),
    [
        (b"PK not a workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 422, "form.uncompilable"),
        (b"\xff\xfe\x00", "text/markdown", 422, "form.uncompilable"),
        (b"", "text/csv", 422, "form.uncompilable"),
        (b"%PDF-1.7", "application/pdf", 415, "request.media-type"),
        (b"x" * 3_000_000, "text/markdown", 413, "request.too-large"),
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused(admin, source, kind, expect, code):
    assert publish(admin, source, kind, expect=expect)["code"] == code


def test_an_inspector_may_read_forms_but_not_publish(cast):
    inspector = cast.signed_in(Role.INSPECTOR)

    assert publish(inspector, a_form(), expect=403)["code"] == "access.denied"
    assert inspector.get("/api/v1/forms/spot_check/versions/1", expect=404)["code"] == "form.not-found"


def test_the_forms_that_ship_are_published_once(app, session, cast):
    for _ in range(2):
        with audit.transaction(app.sessions) as writing:
            service.publish_catalogue(writing)

    listed = cast.signed_in(Role.INSPECTOR).get("/api/v1/forms")

    assert [each["form_id"] for each in listed] == [each.form_id for each in catalog()]
