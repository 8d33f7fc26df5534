"""The documents of one full visit, from what is missing to the case file, read back from their files."""

import hashlib
import io
import re
import zipfile
from uuid import UUID

import pypdfium2
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from server import audit, clock
from server.audit import AuditEntry
from server.documents.datasets import example_of
from server.documents.kinds import DocumentKind
from server.documents.models import Document, DocumentCount
from server.evidence.models import MediaObject
from server.inspections.models import Revision, Task
from server.registry.models import InspectedObject
from server.rehearsal.door import Door, RefusedError
from tests.phone.bureau import running_bureau
from tests.server.documents.visit import MINE_NAME, PHOTOS, SECOND, WITNESS, go_there, with_words

YEAR = clock.today().year
REFUSED = "现场负责人对界桩缺失的记录有异议，拒绝签名。"


@pytest.fixture(scope="module")
def visit(on_postgres, tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    with running_bureau(on_postgres.fresh_url(folder), folder, None) as bureau:
        yield go_there(bureau)


def read(pdf: bytes) -> list[str]:
    """The text of each page, as a program of others reads it."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range() for page in document]


def joined(pdf: bytes) -> str:
    """All text without the breaks of lines and the blanks between scripts."""
    return re.sub(r"\s", "", "".join(read(pdf)))


def assert_fonts_are_embedded(pdf: bytes) -> None:
    for page in PdfReader(io.BytesIO(pdf)).pages:
        fonts = page["/Resources"]["/Font"].values()
        for font in fonts:
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert "/FontFile3" in descriptor or "/FontFile2" in descriptor


def assert_pages_are_numbered(pdf: bytes) -> None:
    pages = read(pdf)
    for number, text in enumerate(pages, 1):
        assert f"第{number}页共{len(pages)}页" in re.sub(r"\s", "", text)


def verdict(visit, document, sha256: str) -> dict:
    stranger = Door(visit.bureau.address)
    return stranger.ask("GET", f"/public/documents/{document['id']}", params={"sha256": sha256})


def checks(visit, document) -> dict[str, bool]:
    found = visit.supervisor.ask("GET", f"/api/v1/documents/{document['id']}/check")
    return {each["name"]: each["holds"] for each in found}


@pytest.fixture(scope="module")
def issued(visit):
    """Every document of the visit, by kind; what is missing is told and refused before it is filled in."""
    of_task = visit.documents("task", visit.task)
    assert {each["label"] for each in of_task["approval"]["missing"]} == {
        "检查类型（日常、个案、专项）",
        "检查事由",
    }
    with pytest.raises(RefusedError, match=r"document\.incomplete"):
        visit.issue(of_task["approval"])
    filled = visit.write(of_task["approval"], inspection_type="专项检查", reason="核查是否超层越界")
    assert filled["missing"] == []
    assert approval_in_the_gate(visit) == ("missing", "任务中没有审批表编号")
    of_followup = visit.documents("followup", visit.followup["id"])
    assert of_followup["rectification"]["missing"] == [
        {"field": "demands", "label": "改正要求", "entered": True}
    ]
    visit.write(of_followup["rectification"], demands="按登记坐标恢复缺失的界桩。")
    problem = next(each for each in visit.results if each["item_code"] == "BOUNDARY_MARKER")
    offers = {**of_task, "rectification": of_followup["rectification"]} | visit.documents(
        "result", problem["id"]
    )
    return {kind: visit.issue(offer) for kind, offer in offers.items()}


def approval_in_the_gate(visit) -> tuple[str, str]:
    """What the legality gate says of the approval of the visit."""
    gate = visit.supervisor.ask("GET", f"/api/v1/tasks/{visit.task}/gate")
    told = next(each for each in gate["checks"] if each["rule"] == "approval.given")
    return told["outcome"], told["facts"][0]


def test_numbers_go_to_the_task_where_the_gate_sees_them_and_to_the_followup(visit, issued):
    assert (
        approval_in_the_gate(visit)[1] == f"行政检查审批表 {issued['approval']['number']}（{clock.today()}）"
    )


def test_the_record_says_what_was_sealed_with_twenty_photos_rare_names_and_a_refusal(visit, issued):
    pdf = visit.pdf(issued["record"])

    text = joined(pdf)
    for said in (MINE_NAME, SECOND, WITNESS, REFUSED, "由见证人签名证明检查确已进行", "J12号界桩缺失"):
        assert said in text
    assert f"照片{PHOTOS}" in text
    assert_pages_are_numbered(pdf)
    assert_fonts_are_embedded(pdf)
    reader = PdfReader(io.BytesIO(pdf))
    pictures = sum(len(page.images) for page in reader.pages)
    assert pictures == PHOTOS + 3  # and the signatures of two inspectors and the witness
    assert len(pdf) < 4_000_000
    assert issued["record"]["pages"] == len(reader.pages)


def test_every_document_has_its_number_its_pages_and_its_fonts(visit, issued):
    assert {kind: each["number"] for kind, each in issued.items()} == {
        "approval": f"阳自然资检审〔{YEAR}〕1号", "notice": f"阳自然资检通〔{YEAR}〕1号", "record": f"阳自然资检录〔{YEAR}〕1号",
        "rectification": f"阳自然资责改〔{YEAR}〕1号", "result": f"阳自然资检果〔{YEAR}〕1号",
    }  # fmt: skip
    for document in issued.values():
        pdf = visit.pdf(document)
        assert hashlib.sha256(pdf).hexdigest() == document["file_sha256"]
        text = joined(pdf)
        assert document["number"] in text
        assert MINE_NAME in text
        assert "草稿" not in text
        assert "\ufffd" not in text
        assert_pages_are_numbered(pdf)
        assert_fonts_are_embedded(pdf)
    assert "《中华人民共和国矿产资源法》" in joined(visit.pdf(issued["notice"]))  # from the item list
    with visit.bureau.app.readers() as session:
        facts = session.scalars(select(AuditEntry).where(AuditEntry.action == "document.issued")).all()
        assert {each.details["file_sha256"] for each in facts} == {
            each["file_sha256"] for each in issued.values()
        }
        assert session.get(MediaObject, issued["record"]["file_sha256"]) is not None


def test_a_draft_says_so_on_every_page_and_takes_no_number(visit):
    offer = visit.documents("task", visit.task)["notice"]

    pages = read(visit.preview(offer))

    assert all("草稿，不具效力" in re.sub(r"\s", "", each) for each in pages)
    assert MINE_NAME in words_of(visit.preview(offer, "docx"))
    with visit.bureau.app.readers() as session:
        counts = session.scalars(select(DocumentCount.given).where(DocumentCount.kind == "notice")).all()
    assert counts in ([], [1])


def test_anybody_with_the_paper_can_ask_whether_it_was_issued_and_nobody_else_learns_anything(visit, issued):
    record = issued["record"]

    told = verdict(visit, record, record["content_sha256"])

    assert told["issued"]
    assert (told["number"], told["state"], told["matches"]) == (record["number"], "issued", "content")
    assert MINE_NAME not in str(told)
    assert verdict(visit, record, record["file_sha256"])["matches"] == "file"
    altered = visit.pdf(record).replace(b"%PDF-1.7", b"%PDF-1.6", 1)
    assert verdict(visit, record, hashlib.sha256(altered).hexdigest()) == {"issued": False}
    by_number = {"number": record["number"], "sha256": record["content_sha256"]}
    door, by_code = Door(visit.bureau.address), {"id": record["id"], "sha256": record["content_sha256"]}
    for asked in (by_number, by_code):
        page = door.call("GET", "/public/zh/documents", params=asked).text
        assert "相符：本机关制作的现行文书" in page
        assert record["number"] in page
        assert MINE_NAME not in page
    wrong = door.call("GET", "/public/zh/documents", params=by_number | {"sha256": "0" * 64}).text
    assert "没有制作过与之相符的文书" in wrong


def test_one_character_that_was_altered_makes_the_check_fail(visit, issued):
    record = issued["record"]
    assert checks(visit, record) == dict.fromkeys(("file", "content", "signed", "signatures"), True)

    with audit.transaction(visit.bureau.app.sessions) as session:
        content = session.get_one(Document, UUID(record["id"])).content
        rev = f"sha256:{content['data']['rev']}"
        kept = session.get_one(Revision, rev).data
        session.get_one(Revision, rev).data = kept.replace("拒绝签名".encode(), "拒绝签字".encode())
    assert checks(visit, record) == {"file": True, "content": True, "signed": False, "signatures": False}

    with audit.transaction(visit.bureau.app.sessions) as session:
        session.get_one(Revision, rev).data = kept
        said = content["data"]["situation"]
        forged = {**content, "data": {**content["data"], "situation": said.replace("未见", "可见", 1)}}
        session.get_one(Document, UUID(record["id"])).content = forged
    assert checks(visit, record) == {"file": True, "content": False, "signed": False, "signatures": True}

    with audit.transaction(visit.bureau.app.sessions) as session:
        session.get_one(Document, UUID(record["id"])).content = content
    assert all(checks(visit, record).values())


def test_issued_again_it_keeps_its_number_and_the_earlier_one_is_told_as_superseded(visit, issued):
    offer = visit.documents("task", visit.task)["notice"]
    with pytest.raises(RefusedError, match=r"document\.reason-missing"):
        visit.issue(offer)

    second = visit.issue(offer, reason="送达地址变更")

    assert (second["number"], second["version"]) == (issued["notice"]["number"], 2)
    told = verdict(visit, issued["notice"], issued["notice"]["content_sha256"])
    assert (told["state"], told["newest_version"]) == ("superseded", 2)
    assert "第2次制作" in joined(visit.pdf(second))
    gone = visit.supervisor.ask("POST", f"/api/v1/documents/{second['id']}/withdraw", {"reason": "检查取消"})
    assert verdict(visit, gone, gone["content_sha256"])["state"] == "withdrawn"
    with visit.bureau.app.readers() as session:
        task = session.get_one(Task, UUID(visit.task))
        assert task.approval_no == issued["approval"]["number"]
        assert task.notice_no is None, "it was withdrawn"


def test_a_character_that_no_font_has_is_refused_and_named(visit):
    offer = visit.documents("task", visit.task)["approval"]
    visit.write(offer, inspection_type="专项检查", reason="𢙐")

    with pytest.raises(RefusedError, match=r"document\.unprintable") as refused:
        visit.issue(offer, reason="更正")

    assert refused.value.problem["characters"] == ["𢙐"]
    visit.write(offer)


def test_inspectors_read_planners_issue_what_comes_before_and_nobody_else_does(visit, issued):
    assert set(visit.documents("task", visit.task, visit.inspector)) == {"approval", "notice", "record"}
    assert set(visit.documents("task", visit.task, visit.planner)) == {"approval", "notice"}
    with pytest.raises(RefusedError, match=r"access\.denied"):
        visit.inspector.ask("PUT", "/api/v1/documents/drafts", {
            "kind": "notice", "subject_kind": "task", "subject_id": visit.task, "entered": {},
        })  # fmt: skip
    with pytest.raises(RefusedError, match=r"document\.not-found"):
        visit.planner.ask("GET", f"/api/v1/documents/{issued['record']['id']}")
    with pytest.raises(RefusedError, match=r"access\.denied"):
        visit.admin.ask("GET", f"/api/v1/documents/{issued['record']['id']}")


def test_the_case_file_binds_what_stands_with_catalogue_and_page_numbers(visit, issued):
    asked = visit.supervisor.ask("POST", f"/api/v1/tasks/{visit.task}/case-file")
    assert asked["state"] == "waiting"
    with pytest.raises(RefusedError, match=r"case-file\.not-ready"):
        visit.supervisor.ask("GET", f"/api/v1/case-files/{asked['id']}/pdf")
    while visit.worker.work():
        pass

    made = visit.supervisor.ask("GET", f"/api/v1/case-files/{asked['id']}")

    assert (made["state"], made["done"]) == ("ready", made["total"])
    pdf = visit.supervisor.call("GET", f"/api/v1/case-files/{made['id']}/pdf").content
    pages = [re.sub(r"\s", "", each) for each in read(pdf)]
    assert "行政检查案卷" in pages[0]
    assert MINE_NAME in pages[0]
    parts = [issued[kind] for kind in ("approval", "record", "result", "rectification")]
    assert all(each["number"] in pages[1] for each in parts)
    assert "行政检查通知书（未制作）" in pages[1]  # it was withdrawn
    body = sum(each["pages"] for each in parts)
    assert made["pages"] == len(pages) == body + 2
    for number, text in enumerate(pages[2:], 1):
        assert f"案卷第{number}页共{body}页" in text
    again = visit.supervisor.ask("POST", f"/api/v1/tasks/{visit.task}/case-file")
    assert again["id"] == made["id"]  # nothing changed


TEMPLATE = "/api/v1/documents/templates/notice"


def test_a_template_is_tried_first_and_replaced_only_by_one_that_renders(visit):
    shipped = visit.admin.call("GET", f"{TEMPLATE}/docx").content
    mine = with_words(shipped, "通知书样式二")
    tried = visit.admin.call("POST", f"{TEMPLATE}/trial", data=mine).json()
    assert {"field": "place", "label": "检查地点", "filled": "必填"} in tried["used"]
    assert "issued_on" not in {each["field"] for each in tried["unused"]}
    looked_at = visit.admin.call("POST", f"{TEMPLATE}/trial/docx", data=mine).content
    assert "桑林露天采矿分公司" in words_of(looked_at)  # an invented visit
    assert visit.admin.ask("GET", f"{TEMPLATE}/versions") == [
        {"version": 0, "is_shipped": True, "sha256": None, "note": "", "entered_at": None, "entered_by": None, "in_use": True}
    ]  # fmt: skip
    put = visit.admin.call("PUT", f"{TEMPLATE}/docx", data=mine, params={"note": "换抬头"}).json()
    assert (put["version"], put["note"]) == (1, "换抬头")
    draft = visit.preview(visit.documents("task", visit.task)["notice"], "docx")
    assert "通知书样式二" in words_of(draft)
    with zipfile.ZipFile(io.BytesIO(draft)) as docx:
        assert "行政检查通知书：模板第 1 版" in docx.read("docProps/core.xml").decode()

    back = visit.admin.call("DELETE", f"{TEMPLATE}/docx").json()
    assert (back["version"], back["is_shipped"]) == (2, True)
    assert visit.admin.call("GET", f"{TEMPLATE}/docx").content == shipped
    again = visit.admin.ask("POST", f"{TEMPLATE}/use", {"version": 1})
    assert (again["version"], again["note"]) == (3, "恢复使用第 1 版")
    assert visit.admin.call("GET", f"{TEMPLATE}/docx").content == mine
    versions = visit.admin.ask("GET", f"{TEMPLATE}/versions")
    assert [(each["version"], each["is_shipped"], each["in_use"]) for each in versions] == [
        (3, False, True), (2, True, False), (1, False, False), (0, True, False),
    ]  # fmt: skip
    assert versions[0]["sha256"] == versions[2]["sha256"] == hashlib.sha256(mine).hexdigest()
    assert visit.admin.ask("POST", f"{TEMPLATE}/use", {"version": 0})["is_shipped"]
    assert visit.admin.call("GET", f"{TEMPLATE}/docx", params={"version": 9}).status_code == 404


@pytest.mark.parametrize(
    ("words", "errors"),
    [
        ("{{ ceo }} {{ row_of.nothing }}", [("ceo", "第 2 段：{{ ceo }}"), ("row_of", "第 2 段：{{ ceo }}")]),
        (
            "{% for each in items %}{{ each.boss }}{% endfor %}",
            [("boss", "第 2 段：{% for each in items %}")],
        ),
        ("{{ items.nothing.at_all }}", [("nothing", "第 2 段：{{ items.nothing")]),
        ("{{ object_name", [("", "第 2 段：{{ object_name")]),
    ],
)
def test_what_a_template_says_wrong_is_named_with_its_place_and_nothing_changes(visit, words, errors):
    before = visit.admin.ask("GET", f"{TEMPLATE}/versions")
    wrong = with_words(visit.admin.call("GET", f"{TEMPLATE}/docx", params={"version": 0}).content, words)

    for method, where in (("PUT", "docx"), ("POST", "trial"), ("POST", "trial/docx")):
        refused = visit.admin.call(method, f"{TEMPLATE}/{where}", data=wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "document.template-wrong")
        told = [(each["field"], each["place"]) for each in refused.json()["errors"]]
        assert [field for field, _ in told] == [field for field, _ in errors]
        assert all(place.startswith(where) for (_, place), (_, where) in zip(told, errors, strict=True))
    assert visit.admin.call("PUT", f"{TEMPLATE}/docx", data=b"no zip").status_code == 422
    assert visit.admin.ask("GET", f"{TEMPLATE}/versions") == before


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_kind_can_be_looked_at_with_an_invented_visit(visit, kind):
    pdf = visit.admin.call("GET", f"/api/v1/documents/templates/{kind}/example/pdf").content

    pages = [re.sub(r"\s", "", each) for each in read(pdf)]
    assert kind.chinese in pages[0]
    assert all("草稿，不具效力" in each for each in pages)
    assert "\ufffd" not in "".join(pages)
    assert_pages_are_numbered(pdf)
    assert_fonts_are_embedded(pdf)
    assert example_of(kind).missing() == []


def words_of(docx: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(docx)) as parts:
        return parts.read("word/document.xml").decode()


def test_numbers_follow_the_bureaus_rule_and_one_that_cannot_tell_documents_apart_is_refused(visit, issued):
    with visit.bureau.app.readers() as session:
        home = session.scalars(select(Document.organisation_id)).first()
        assert session.scalars(select(InspectedObject.name).where(InspectedObject.name == MINE_NAME)).one()
    address = f"/api/v1/organisations/{home}/rules/documents"
    for pattern in ("{prefix}号", "{year}{number}{who}", "{year}{number.__class__}", "{year}{number"):
        with pytest.raises(RefusedError, match=r"document\.rules-wrong"):
            visit.admin.ask("PUT", address, {"numbers": {"result": pattern}})
    visit.admin.ask(
        "PUT", address, {"prefix": "阳", "numbers": {"result": "{prefix}结字〔{year}〕第{number:03}号"}}
    )
    clean = next(each for each in visit.results if each["item_code"] == "MINE_OVERSTEP")
    told = visit.admin.ask("GET", "/api/v1/documents/rules")
    rule = next(each for each in told["kinds"] if each["kind"] == "result")
    assert (told["organisation_id"], told["prefix"], rule["next"]) == (str(home), "阳", 2)
    second = visit.issue(visit.documents("result", clean["id"])["result"])
    assert second["number"] == f"阳结字〔{YEAR}〕第002号"
