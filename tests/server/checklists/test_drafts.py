"""Drafts of forms: kept however broken, linted, previewed, and published as they were previewed."""

import hashlib
import io
from uuid import uuid4

import openpyxl
import pytest
from sqlalchemy import select

from server.access import Role
from server.audit import AuditEntry
from server.checklists import drafts
from server.checklists.models import FormDraft
from tests.actors.author import FORMS, author
from tests.server.checklists.written import a_form, spot_check

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BROKEN = a_form().replace("| text | note", "| telepathy | note")
FAULTY = a_form(hint="")
NOBODY = str(uuid4())


@pytest.fixture
def admin(cast):
    return author(cast)


def as_xlsx(markdown):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for line in filter(None, markdown.splitlines()):
        cells = [cell.strip() or None for cell in line.strip("|").split("|")]
        if cells[0]:
            sheet = book.create_sheet(cells[0])
        else:
            sheet.append(cells[1:])
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def log_of(session, draft):
    query = select(AuditEntry).where(AuditEntry.subject == draft).order_by(AuditEntry.seq)
    return list(session.scalars(query))


def test_a_sound_source_becomes_a_draft_that_is_ready(admin):
    draft = admin.writes(a_form())

    assert (draft["form_id"], draft["version"], draft["title"]) == (
        "road_check",
        "1",
        "道路检查 / Road check",
    )
    assert (draft["state"], draft["findings"], draft["errors"], draft["warnings"]) == ("ready", [], 0, 0)
    assert (draft["source_type"], draft["published_at"]) == (".md", None)
    assert admin.draft(draft["id"]) == draft
    [listed] = admin.drafts()
    assert listed == {name: value for name, value in draft.items() if name != "findings"}


def test_a_draft_is_not_a_published_form(admin, visit):
    draft = admin.writes(a_form())

    assert "road_check" not in [each["form_id"] for each in admin.get(FORMS)]
    visit.lead.pulls()
    assert "road_check" not in visit.lead.shows("form")
    assert admin.get(f"{FORMS}/road_check/versions/1", expect=404)["code"] == "form.not-found"
    assert admin.previews(draft["id"])["changes"] is None


def test_a_workbook_is_taken_as_well(admin):
    assert admin.writes(as_xlsx(a_form()), XLSX)["state"] == "ready"


def test_what_the_lint_finds_names_sheet_row_column_and_what_to_do(admin):
    draft = admin.writes(FAULTY)

    assert (draft["state"], draft["form_id"]) == ("faulty", "road_check")
    assert draft["errors"] == len(draft["findings"]) > 0
    for finding in draft["findings"]:
        assert set(finding) == {"sheet", "row", "column", "code", "severity", "message"}
        assert (finding["sheet"], finding["row"], finding["severity"]) == ("survey", 3, "error")
        assert finding["column"].startswith("hint")
        assert finding["code"]
        assert " / " in finding["message"]


def test_a_source_that_does_not_compile_is_kept_with_where_it_is_broken(admin):
    draft = admin.writes(BROKEN)

    assert (draft["state"], draft["form_id"], draft["version"], draft["title"]) == (
        "faulty",
        None,
        None,
        None,
    )
    assert [(each["sheet"], each["row"]) for each in draft["findings"]] == [("survey", 2)]
    for path in ("preview", "xform"):
        answer = admin.get(f"{FORMS}/drafts/{draft['id']}/{path}", expect=422)
        assert answer["code"] == "form.uncompilable"
        assert answer["findings"] == draft["findings"]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (b"PK not a workbook", XLSX),
        (b"\xff\xfe\x00", "text/markdown"),
        (b"", "text/csv"),
        (b"x" * 3_000_000, "text/markdown"),
        (b"| survey |\n| | type |\n" + b"| | text |\n" * 3, "text/markdown"),
        (b"\0" * 1000, "text/csv"),
    ],
)
def test_whatever_is_sent_as_a_form_is_kept_and_told(admin, source, kind):
    draft = admin.writes(source, kind)

    assert draft["state"] == "faulty"
    assert all(finding["message"] for finding in draft["findings"])
    assert admin.publishes(draft["id"], expect=422)["code"] == "form.uncompilable"


def test_of_very_many_mistakes_the_first_are_listed_and_the_others_counted(admin):
    photos = "".join(f"| | image | p{n} | 照片 | Photo | | | | | | |\n" for n in range(600))

    findings = admin.writes(a_form().replace("| settings |", f"{photos}| settings |"))["findings"]

    assert len(findings) == 501
    assert {each["severity"] for each in findings[:500]} == {"error"}
    assert (findings[-1]["code"], findings[-1]["severity"]) == ("findings.more", "warning")


@pytest.mark.parametrize(
    ("source", "kind", "expect", "code"),
    [
        (b"%PDF-1.7", "application/pdf", 415, "request.media-type"),
        (b"x" * 5_000_001, "text/markdown", 413, "request.too-large"),
        (b"x" * 17_000_000, "text/markdown", 413, "request.too-large"),
    ],
)
def test_what_cannot_be_a_form_is_refused(admin, source, kind, expect, code):
    assert admin.writes(source, kind, expect=expect)["code"] == code
    draft = admin.writes(a_form())["id"]
    assert admin.rewrites(draft, source, kind, expect=expect)["code"] == code
    assert len(admin.drafts()) == 1


def test_another_source_takes_the_place_of_the_first(admin, cast):
    draft = admin.writes(BROKEN)["id"]
    other = author(cast)

    mended = other.rewrites(draft, a_form(version="3"))

    assert (mended["id"], mended["state"], mended["version"], mended["findings"]) == (draft, "ready", "3", [])
    assert mended["author"] != admin.rewrites(draft, BROKEN)["author"]
    assert admin.draft(draft)["form_id"] is None
    assert len(admin.drafts()) == 1


def test_a_draft_is_thrown_away(admin):
    draft = admin.writes(a_form())["id"]

    admin.delete(f"{FORMS}/drafts/{draft}")

    assert admin.drafts() == []
    assert admin.draft(draft, expect=404)["code"] == "form.draft-not-found"
    assert admin.publishes(draft, expect=404)["code"] == "form.draft-not-found"


def test_a_preview_shows_what_will_be_asked(admin):
    draft = admin.writes(a_form(required="yes"))["id"]

    form = admin.previews(draft)["form"]

    assert (form["form_id"], form["version"], form["titles"]["en"]) == ("road_check", "1", "Road check")
    assert (form["questions"], form["required"], form["languages"]) == (3, 1, ["zh", "en"])
    note, photo, _ = form["children"]
    assert (note["kind"], note["labels"], note["required"]) == (
        "string",
        {"zh": "记录", "en": "Record"},
        True,
    )
    assert (photo["kind"], photo["max_pixels"], photo["relevant"]) == ("image", 3072, True)
    assert photo["hints"]["zh"].startswith("证明")


def test_a_preview_of_groups_and_choices_is_a_tree(admin, visit):
    question = "| | text | weather | 天气 | | | | | | |\n"
    source = spot_check("2").replace("| | text | note |", f"{question}| | text | note |")
    draft = admin.writes(source)["id"]

    shown = admin.previews(draft)

    children = {each["name"]: each for each in shown["form"]["children"]}
    assert (children["markers"]["kind"], children["markers"]["key"]) == ("repeat", "marker_no")
    refused = next(each for each in children["sign"]["children"] if each["name"] == "refused")
    assert [choice["name"] for choice in refused["choices"]] == ["yes", "no"]
    assert (shown["changes"]["old"], shown["changes"]["new"]) == ("1", "2")
    assert [(each["kind"], each["path"]) for each in shown["changes"]["changes"]] == [
        ("added", "/data/weather")
    ]
    assert shown["changes"]["changes"][0]["message"] == "新增问题“天气”"


def test_a_draft_can_be_tried_out_before_it_is_published(admin):
    draft = admin.writes(a_form())["id"]

    tried = admin.get(f"{FORMS}/drafts/{draft}/xform")
    published = admin.publishes(draft)

    assert tried.content_type == "application/xml; charset=utf-8"
    assert "immutable" not in tried.headers["Cache-Control"]
    assert hashlib.sha256(tried.data).hexdigest() == published["sha256"]


def test_a_published_draft_is_a_version_that_the_phones_see(admin, visit):
    draft = admin.writes(a_form())["id"]

    published = admin.publishes(draft)

    assert (published["form_id"], published["version"], published["retired_at"]) == ("road_check", "1", None)
    visit.lead.pulls()
    assert visit.lead.shows("form")["road_check"]["sha256"] == published["sha256"]
    assert admin.drafts() == []
    assert admin.draft(draft)["state"] == "published"


def test_publishing_twice_is_done_once(admin, session):
    draft = admin.writes(a_form())["id"]

    assert admin.publishes(draft) == admin.publishes(draft)

    assert [each.action for each in log_of(session, draft)] == ["form_draft.created", "form_draft.published"]
    assert [each.action for each in log_of(session, "road_check")] == ["form.published"]


def test_a_draft_with_errors_is_not_published_and_says_why(admin):
    draft = admin.writes(FAULTY)

    refused = admin.publishes(draft["id"], expect=422)

    assert (refused["code"], refused["findings"]) == ("form.faulty", draft["findings"])
    assert admin.get(FORMS) == []
    admin.rewrites(draft["id"], a_form())
    assert admin.publishes(draft["id"])["version"] == "1"


def test_a_version_that_is_published_with_other_content_stands(admin):
    admin.writes_and_publishes(a_form())
    draft = admin.writes(a_form(label="改过的"))["id"]

    assert admin.publishes(draft, expect=409)["code"] == "form.version-exists"
    assert admin.draft(draft)["state"] == "ready"
    admin.rewrites(draft, a_form(label="改过的", version="2"))
    assert admin.publishes(draft)["version"] == "2"


def test_a_published_draft_stands(admin):
    draft = admin.writes(a_form())["id"]
    admin.publishes(draft)

    assert admin.rewrites(draft, a_form(), expect=409)["code"] == "form.draft-published"
    assert admin.delete(f"{FORMS}/drafts/{draft}", expect=409)["code"] == "form.draft-published"


def test_each_step_is_in_the_log_with_the_hash_of_the_source(admin, session):
    source = a_form()
    draft = admin.writes(BROKEN)["id"]
    admin.rewrites(draft, source)
    admin.delete(f"{FORMS}/drafts/{draft}")

    created, changed, deleted = log_of(session, draft)

    assert [each.action for each in (created, changed, deleted)] == [
        "form_draft.created",
        "form_draft.changed",
        "form_draft.deleted",
    ]
    assert created.details["form"] is None
    assert created.details["errors"] == 1
    assert changed.details["source_sha256"] == hashlib.sha256(source.encode()).hexdigest()
    assert (changed.details["form"], changed.details["version"]) == ("road_check", "1")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (BROKEN.encode(), "text/markdown"),
        (as_xlsx(a_form()), XLSX),
        (b"<script>alert(1)</script>\0\xff", "text/csv"),
    ],
)
def test_an_author_gets_the_file_back_as_it_was_sent(admin, source, kind):
    draft = admin.writes(source, kind)

    answer = admin.get(f"{FORMS}/drafts/{draft['id']}/source")

    assert answer.data == source
    assert answer.mimetype == kind
    assert (
        answer.headers["Content-Disposition"]
        == f"attachment; filename=draft-{draft['id']}{draft['source_type']}"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.SUPERVISOR, Role.AUDITOR, Role.OPERATOR])
def test_drafts_are_seen_and_touched_only_by_who_may_publish(admin, cast, role):
    draft = admin.writes(a_form())["id"]
    other = author(cast, role)

    answers = [
        other.writes(a_form(), expect=403),
        other.get(f"{FORMS}/drafts", expect=403),
        other.draft(draft, expect=403),
        other.previews(draft, expect=403),
        other.get(f"{FORMS}/drafts/{draft}/xform", expect=403),
        other.get(f"{FORMS}/drafts/{draft}/source", expect=403),
        other.rewrites(draft, a_form(), expect=403),
        other.publishes(draft, expect=403),
        other.delete(f"{FORMS}/drafts/{draft}", expect=403),
    ]

    assert {answer["code"] for answer in answers} == {"access.denied"}
    assert admin.draft(draft)["state"] == "ready"


def test_a_draft_that_is_not_there_is_not_found(admin):
    answers = [
        admin.draft(NOBODY, expect=404),
        admin.previews(NOBODY, expect=404),
        admin.get(f"{FORMS}/drafts/{NOBODY}/xform", expect=404),
        admin.get(f"{FORMS}/drafts/{NOBODY}/source", expect=404),
        admin.rewrites(NOBODY, a_form(), expect=404),
        admin.publishes(NOBODY, expect=404),
        admin.delete(f"{FORMS}/drafts/{NOBODY}", expect=404),
    ]

    assert {answer["code"] for answer in answers} == {"form.draft-not-found"}


def test_there_is_an_end_to_open_drafts(admin, session, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_OPEN", 2)
    first = admin.writes(a_form())["id"]
    admin.writes(BROKEN)

    refused = admin.writes(a_form(version="2"), expect=409)

    assert (refused["code"], refused["limit"]) == ("form.too-many-drafts", 2)
    admin.rewrites(first, a_form(version="2"))
    admin.publishes(first)
    admin.writes(a_form(version="3"))
    assert len(session.scalars(select(FormDraft)).all()) == 3
