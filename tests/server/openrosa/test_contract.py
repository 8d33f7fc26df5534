"""What a stock phone relies on: the sixteen contract tests that Collect's own code asks for, under their numbers."""

import base64
import hashlib
import json
from uuid import UUID, uuid4

import pytest
from lxml import etree
from sqlalchemy import select, update

from server import audit
from server.access import SYSTEM, Role
from server.checklists import service as checklists
from server.checklists.models import FormVersion
from server.evidence.models import MediaObject
from server.inspections.models import Record, Revision, Task
from server.openrosa.models import Submission, SubmittedFile
from tests.actors.collect_phone import CollectPhone, message_of, photo, settings_code
from tests.actors.phone import SIGNED, SPOT_CHECK, UNSIGNED
from tests.actors.supervisor import supervisor

FORM = "spot_check"
SIGNATURES = {f"{who}.png": photo(who) for who in ("inspector1", "inspector2", "company")}


def signed(**more):
    """Answers with signatures, and photos of markers by name."""
    return SIGNED | more


def rows(session, model, *where):
    return list(session.scalars(select(model).where(*where).execution_options(populate_existing=True)))


def revisions(session):
    return rows(session, Revision)


def one(found):
    [each] = found
    return each


def xml_with(filled, old, new):
    assert old in filled.xml
    return filled.xml.replace(old, new)


def test_1_the_list_of_forms_is_what_collect_reads_and_one_broken_form_breaks_no_other(visit, app, session):
    collect = visit.collect
    answer = collect.call("GET", f"{collect.server_url}/formList")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert "Date" in answer.headers
    assert FORM in collect.forms

    broken = SPOT_CHECK.replace("spot_check", "broken_check").replace("抽查记录", "坏表\u0007单")
    checklists.publish(session, SYSTEM, broken.replace("\u0007", "").encode(), ".md")
    session.execute(
        update(FormVersion).where(FormVersion.form_id == "broken_check").values(title="坏\u0001表")
    )
    audit.seal(session)
    session.commit()
    assert {"broken_check", FORM} <= collect.updates().forms.keys()
    session.execute(update(FormVersion).where(FormVersion.form_id == "broken_check").values(sha256="0" * 64))
    session.commit()
    assert FORM in collect.updates().forms  # bytes that are not what they were named are not offered
    assert "broken_check" not in collect.forms

    etag = collect.call("GET", f"{collect.server_url}/formList").headers["ETag"]
    for known in (etag, f"W/{etag}"):  # as a proxy calls it that presses answers together
        asked = collect.call("GET", f"{collect.server_url}/formList", headers={"If-None-Match": known})
        assert (asked.status_code, asked.data) == (304, b"")
    session.execute(update(FormVersion).values(retired_at=audit.clock.now()))
    session.commit()
    empty = collect.call("GET", f"{collect.server_url}/formList")
    assert empty.status_code == 503, "an empty list would delete every form on the phone"
    assert "没有已发布的表单" in message_of(empty)


def test_no_log_holds_the_key_that_stands_in_the_address(visit, caplog):
    with caplog.at_level("DEBUG"):
        visit.collect.updates()
        visit.collect.call("GET", f"{visit.collect.server_url}/nothing")
        key = visit.collect.server_url.rpartition("/")[2]
        for mistyped in (
            f"/x//openrosa/{key}",
            f"/openrosa//{key}/formList",
            f"/OpenRosa/{key}",
            f"/a/openrosa/{key}/b",
        ):
            visit.collect.call("GET", mistyped)
        visit.collect.fills(FORM, signed(), SIGNATURES)
        visit.collect.sends()

    written = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "/openrosa/…/formList" in written
    assert key not in written


def test_2_a_phone_is_told_in_what_portions_to_send(visit):
    for method in ("HEAD", "GET"):
        answer = visit.collect.call(method, f"{visit.collect.server_url}/submission")

        assert answer.status_code == 204
        assert answer.headers["X-OpenRosa-Accept-Content-Length"] == "5000000"
        assert answer.headers["X-OpenRosa-Version"] == "1.0"
        assert "Location" not in answer.headers


def test_3_what_is_taken_is_answered_with_201_in_chinese_and_is_a_record_under_review(visit, session):
    filled = visit.collect.fills(FORM, signed(), SIGNATURES)

    assert visit.collect.sends() == [filled]

    assert "已收到，附件 3 个" in filled.message
    revision = one(revisions(session))
    assert (revision.evidence_level, revision.status, revision.findings) == ("unsigned", "accepted", [])
    assert json.loads(revision.data)["xml"].encode() == filled.xml
    assert {entry["name"] for entry in revision.media} == SIGNATURES.keys()
    told = visit.supervisor.reads(revision.record_id)
    assert told["state"] == "under_review"
    visit.supervisor.accepts(revision.record_id)


def test_4_a_record_in_three_posts_is_whole_only_after_the_last(visit, session):
    names = [f"p{number}.jpg" for number in range(3)]
    answers = signed() | {
        "/data/markers": [{"marker_no": str(n), "photo": name} for n, name in enumerate(names)]
    }
    files = SIGNATURES | {name: photo(name, 2_000_000) for name in names}
    filled = visit.collect.fills(FORM, answers, files)
    portions = visit.collect.portions(filled, 5_000_000)
    assert len(portions) == 2
    portions = visit.collect.portions(filled, 2_000_000)
    assert len(portions) == 4

    for portion, is_last in portions:
        assert not revisions(session)
        answer = visit.collect.posts(filled.xml, portion, more=not is_last)
        assert answer.status_code == 201
        assert is_last or "/6，请保持联网" in message_of(answer)
    revision = one(revisions(session))
    assert {entry["name"] for entry in revision.media} == files.keys()
    assert revision.findings == []


def test_5_posts_come_in_any_order_and_again_with_one_effect(visit, session):
    filled = visit.collect.fills(FORM, signed(), SIGNATURES)
    portions = [portion for portion, _ in visit.collect.portions(filled, 1)]

    for portion in [*reversed(portions), *portions, {}]:
        assert visit.collect.posts(filled.xml, portion).status_code == 201

    assert len(revisions(session)) == 1
    assert len(rows(session, Submission)) == 1


def test_6_other_bytes_under_the_same_id_stand_beside_the_first_and_other_bytes_of_a_file_are_kept(
    visit, session
):
    collect = visit.collect
    filled = collect.fills(FORM, signed(), SIGNATURES)
    collect.sends()

    changed = xml_with(filled, "界桩完好".encode(), "界桩缺失".encode())
    assert collect.posts(changed, SIGNATURES).status_code == 201
    assert collect.posts(filled.xml, {}).status_code == 201

    record = one(rows(session, Record))
    assert (record.state, len(record.heads)) == ("conflicted", 2)
    stored = {json.loads(each.data)["xml"].encode() for each in revisions(session)}
    assert stored == {filled.xml, changed}

    again = photo("another")
    assert collect.posts(filled.xml, {"inspector1.png": again}).status_code == 201
    newest = max(revisions(session), key=lambda each: each.dev_seq)
    told = {entry["name"]: entry["sha256"] for entry in newest.media}
    assert told["inspector1.png"] == hashlib.sha256(SIGNATURES["inspector1.png"]).hexdigest()
    assert told["inspector1~2.png"] == hashlib.sha256(again).hexdigest()
    assert [finding["kind"] for finding in newest.findings] == ["media_extra"]


def test_7_a_file_that_the_xml_does_not_name_is_kept(visit, session):
    visit.collect.fills(FORM, signed(), SIGNATURES | {"leftover.jpg": photo("left")})
    visit.collect.sends()

    revision = one(revisions(session))
    assert "leftover.jpg" in {entry["name"] for entry in revision.media}
    assert session.get(MediaObject, hashlib.sha256(photo("left")).hexdigest())


def test_8_names_in_utf_8_come_as_they_are(visit, session):
    files = SIGNATURES | {"界桩 近照①.jpg": photo("近照"), "审计~2.jpg": photo("x")}
    answers = signed() | {"/data/photo": "界桩 近照①.jpg"}
    visit.collect.fills(FORM, answers, files)
    visit.collect.sends()

    assert {entry["name"] for entry in one(revisions(session)).media} == files.keys()


def test_9_more_than_a_hundred_files_come_in_one_post(visit, session):
    files = SIGNATURES | {f"extra{number}.jpg": photo(number, 64) for number in range(100)}
    filled = visit.collect.fills(FORM, signed(), files)

    assert visit.collect.posts(filled.xml, files).status_code == 201

    assert len(one(revisions(session)).media) == 103


def test_2_the_question_before_a_submission_is_answered_counted_and_logged_as_every_other(visit, caplog):
    caplog.set_level("INFO", "merestone.http")
    asked = {
        method: visit.collect.call(
            method, f"{visit.collect.server_url}/submission", headers={"X-Request-ID": method}
        )
        for method in ("HEAD", "GET")
    }

    head, get = (
        {name: value for name, value in asked[method].headers.items() if name != "Date"}
        for method in ("HEAD", "GET")
    )
    assert head.pop("X-Request-ID") == "HEAD"
    assert get.pop("X-Request-ID") == "GET"
    assert head == get
    assert asked["HEAD"].headers["Date"]
    assert asked["HEAD"].status == asked["GET"].status
    answered = {one.method: one for one in caplog.records if getattr(one, "path", "").endswith("/submission")}
    keys = ("path", "status", "actor")
    assert [getattr(answered["HEAD"], key) for key in keys] == [getattr(answered["GET"], key) for key in keys]
    text = visit.collect.app.test_client().get("/metrics").get_data(as_text=True)
    assert 'merestone_requests_total{status="204",view="openrosa.tell_limit"}' in text


@pytest.mark.parametrize(
    "address", ["/openrosa/never/submission", "/openrosa//submission", "/openrosa/x/y/submission"]
)
def test_2_a_key_that_never_was_is_told_nothing_but_no(app, address):
    answer = app.test_client().head(address)

    assert answer.status_code in {403, 404}
    assert "X-OpenRosa-Accept-Content-Length" not in answer.headers


def test_2_more_than_a_portion_is_taken_in_one_post_all_the_same(visit, session):
    files = SIGNATURES | {"film.jpg": photo("film", 5_400_000)}
    filled = visit.collect.fills(FORM, signed() | {"/data/photo": "film.jpg"}, files)

    assert visit.collect.posts(filled.xml, files).status_code == 201

    kept = {entry["name"]: entry["sha256"] for entry in one(revisions(session)).media}
    assert kept == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert session.get(MediaObject, kept["film.jpg"]).size == 5_400_000


def test_10_a_body_cut_half_way_leaves_nothing(visit, app, session):
    filled = visit.collect.fills(FORM, signed(), SIGNATURES)
    under_way = set(app.settings.data.rglob("uploads/*"))

    for cut_at in (10, 900, 4000, len(filled.xml) + 5500):
        answer = visit.collect.posts(filled.xml, SIGNATURES, cut_at=cut_at)
        assert answer.status_code == 400
        assert "中断" in message_of(answer)

    assert not rows(session, Submission)
    assert not rows(session, MediaObject)
    assert set(app.settings.data.rglob("uploads/*")) == under_way
    assert visit.collect.sends() == [filled]


def test_11_an_edit_becomes_a_child_and_never_overwrites(visit, given_out, cast, session):
    collect = visit.collect
    original = collect.fills(FORM, signed(), SIGNATURES)
    first = collect.edits(original, {"/data/note": "更正一"})
    assert collect.posts(first.xml, first.files).status_code == 201, "the edit comes before what it edits"
    case = one(visit.supervisor.quarantine())
    assert case["reason"] == "base.unknown"
    assert collect.posts(original.xml, original.files).status_code == 201
    assert visit.supervisor.quarantine() == []
    record = one(rows(session, Record))
    assert len(record.heads) == 1
    assert "更正一" in json.loads(session.get(Revision, record.heads[0]).data)["xml"]
    original.sent = first.sent = True

    second = collect.edits(first, {"/data/note": "更正二"})
    collect.sends()
    assert "已收到" in second.message
    assert collect.posts(original.xml, original.files).status_code == 201, (
        "the original resent after its edit"
    )
    assert collect.posts(first.xml, first.files).status_code == 201
    record = one(rows(session, Record))
    assert len(record.heads) == 1
    assert "更正二" in json.loads(session.get(Revision, record.heads[0]).data)["xml"]

    stale = collect.edits(first, {"/data/note": "旧版上的更正"})
    collect.sends()
    assert "已被更新的版本取代" in stale.message
    assert one(visit.supervisor.quarantine())["reason"] == "base.stale"

    other = cast.person(Role.INSPECTOR)
    theirs, _ = given_out(other)
    theirs.updates()
    theirs.records.append(original)
    foreign = theirs.edits(original, {"/data/note": "他人的更正"})
    theirs.records = [foreign]
    assert theirs.sends() == [foreign]
    assert {case["reason"] for case in visit.supervisor.quarantine()} == {"base.stale", "record.foreign"}

    visit.supervisor.accepts(record.id)
    late = collect.edits(second, {"/data/note": "定稿之后"})
    collect.sends()
    assert "补充提交" in late.message
    record = one(rows(session, Record))
    assert record.state == "final"
    assert "late_addendum" in record.flags
    assert "更正二" in json.loads(session.get(Revision, record.final_rev).data)["xml"]


def test_11_edits_of_edits_that_come_before_what_they_edit_make_one_record(visit, session):
    collect = visit.collect
    versions = [collect.fills(FORM, signed(), SIGNATURES)]
    for note in ("更正一", "更正二", "更正三"):
        versions.append(collect.edits(versions[-1], {"/data/note": note}))

    for version in reversed(versions):
        assert collect.posts(version.xml, version.files).status_code == 201

    assert visit.supervisor.quarantine() == []
    record = one(rows(session, Record))
    assert (len(record.heads), record.state) == (1, "under_review")
    head = json.loads(session.get(Revision, record.heads[0]).data)
    assert "更正三" in head["xml"]
    for note in ("更正二", "更正一", "界桩完好"):
        head = json.loads(session.get(Revision, one(head["parents"])).data)
        assert note in head["xml"]
    assert head["parents"] == []


def test_12_the_list_of_tasks_is_ones_own_its_versions_grow_and_a_withdrawn_task_leaves(
    cast, given_out, returned_form
):
    lead, second = cast.person(Role.INSPECTOR), cast.person(Role.INSPECTOR)
    mine, others = cast.task(lead, second), cast.task(second, cast.person(Role.INSPECTOR))
    collect, _ = given_out(lead)
    collect.updates()
    assert collect.tasks().keys() == {str(mine)}
    row = collect.tasks()[str(mine)]
    assert row["label"]
    assert (row["status"], row["forms"], row["geometry"]) == ("assigned", FORM, row["boundary"])
    before = collect.lists["tasks"][str(mine)].version

    boss = supervisor(cast)
    collect.fills(FORM, signed(), SIGNATURES)
    collect.sends()
    collect.updates()
    assert collect.tasks()[str(mine)]["status"] == "open"
    assert collect.lists["tasks"][str(mine)].version > before
    asked = len(collect.asked)
    collect.updates()
    assert {status for _, status in collect.asked[asked:]} == {304}, (
        "an hourly look costs no more than questions"
    )

    boss.post(f"/api/v1/tasks/{mine}/withdraw", {"reason": "重复"})
    collect.updates()
    assert collect.tasks() == {}
    assert str(others) not in json.dumps(collect.tasks())


def test_13_integrity_says_what_has_left_and_nothing_of_what_never_was_there(visit, returned_form):
    collect = visit.collect
    url = f"{collect.server_url}/lists/tasks/integrity"
    gone = uuid4()

    answer = collect.call("GET", f"{url}?id={visit.task},{gone},nonsense")

    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    found = {
        each.get("id"): each.findtext("deleted") for each in etree.fromstring(answer.data).iter("entity")
    }
    assert found == {str(visit.task): "false"}
    visit.supervisor.post(f"/api/v1/tasks/{visit.task}/withdraw", {"reason": "重复"})
    told = etree.fromstring(collect.call("GET", f"{url}?id={visit.task}").data)
    assert [each.findtext("deleted") for each in told.iter("entity")] == ["true"]


def test_14_the_code_sets_a_phone_up_and_says_the_same_as_text_and_picture(visit, app):
    told = visit.supervisor.get(f"/api/v1/openrosa/keys/{visit.key['id']}/settings")

    phone = CollectPhone(app, told["code"], visit.collect.phone)
    assert phone.settings == told["settings"]
    assert (
        phone.settings["general"].items()
        >= {
            "form_update_mode": "match_exactly",
            "periodic_form_updates_check": "every_one_hour",
            "autosend": "wifi_and_cellular",
            "delete_send": False,
            "image_size": "large",  # 3072 pixels
            "app_language": "zh",
            "analytics": False,
        }.items()
    )
    assert {"general", "admin", "project"} == phone.settings.keys()
    assert FORM in phone.updates().forms
    assert len(told["code"]) <= 4000
    assert told["managed"].keys() == {"org.odk.collect.android", "org.koboc.collect.android"}
    for managed in told["managed"].values():
        assert managed["device_id"]
        assert json.loads(managed["settings_json"]) == told["settings"]


def test_15_a_dead_key_is_403_in_xml_and_never_401(visit, app):
    collect, dead = visit.collect, visit.collect.server_url[:-1] + "x"
    addresses = [
        "formList",
        "submission",
        f"forms/{FORM}/1.xml",
        f"forms/{FORM}/1/manifest",
        "lists/tasks/integrity",
    ]

    for method, path in [*(("GET", each) for each in addresses), ("POST", "submission")]:
        answer = collect.call(method, f"{dead}/{path}")
        assert answer.status_code == 403
        assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert "已停用" in message_of(answer)
    assert collect.call("HEAD", f"{dead}/submission").status_code == 403

    stolen = CollectPhone(app, settings_code({"server_url": collect.server_url}), "collect:anotherphone0000")
    assert stolen.call("GET", f"{stolen.server_url}/formList").status_code == 403
    visit.supervisor.post(f"/api/v1/openrosa/keys/{visit.key['id']}/release", {"reason": "换机"})
    stolen.updates()
    assert collect.call("GET", f"{collect.server_url}/formList").status_code == 403, (
        "the address stays, the phone changed"
    )
    visit.supervisor.post(f"/api/v1/openrosa/keys/{visit.key['id']}/end", {"reason": "手机遗失"})
    assert stolen.call("GET", f"{stolen.server_url}/formList").status_code == 403


def test_16_records_of_old_versions_are_taken_for_ever_and_they_are_served_still(visit, session):
    filled = visit.collect.fills(FORM, signed(), SIGNATURES)
    old = visit.collect.forms[FORM]
    checklists.publish(session, SYSTEM, SPOT_CHECK.replace("| 1 |", "| 2 |").encode(), ".md")
    audit.seal(session)
    session.execute(
        update(FormVersion).where(FormVersion.version == "1").values(retired_at=audit.clock.now())
    )
    session.commit()
    assert visit.collect.updates().forms[FORM].version == "2"
    served = visit.collect.call("GET", f"{visit.collect.server_url}/forms/{FORM}/{old.version}.xml")
    assert (served.status_code, served.data) == (200, old.xform)

    assert visit.collect.sends() == [filled]
    assert one(revisions(session)).status == "accepted"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda xml: xml[: len(xml) // 2], "xml.malformed"),
        (lambda xml: xml.replace(b"instanceID", b"instanceNo"), "instance.no-id"),
        (lambda xml: xml.replace("界桩".encode(), b"\x00"), "xml.not-utf8"),
        (lambda xml: xml.replace("界桩".encode(), b"\xff\xfe"), "xml.not-utf8"),
        (lambda xml: b"", "xml.malformed"),
    ],
    ids=["cut", "no id", "NUL", "not UTF-8", "nothing"],
)
def test_xml_that_nobody_can_read_is_kept_once_for_its_content(visit, session, make, reason):
    filled = visit.collect.fills(FORM, UNSIGNED)
    broken = make(filled.xml)

    for _ in range(3):
        answer = visit.collect.posts(broken, {"photo.jpg": photo("kept")})
        assert answer.status_code == 201
        assert "完整保存" in message_of(answer)

    case = one(visit.supervisor.quarantine())
    assert case["reason"] == reason
    exact = visit.supervisor.call("GET", f"/api/v1/quarantine/{case['id']}/bytes")
    assert base64.b64decode(json.loads(exact.data)["bytes"]) == broken
    assert one(rows(session, SubmittedFile)).sha256 == hashlib.sha256(photo("kept")).hexdigest()


def test_a_task_that_nobody_can_tell_is_asked_of_a_reviewer(cast, given_out, visit, session):
    cast.task(visit.lead, visit.second)
    visit.collect.fills(FORM, signed(), SIGNATURES)
    visit.collect.sends()

    case = one(visit.supervisor.quarantine())
    assert case["reason"] == "task.unknown"
    visit.supervisor.admits(case, task=visit.task)
    assert one(rows(session, Record)).task_id == UUID(str(visit.task))


def test_an_encrypted_record_is_kept_as_it_came_with_its_files_and_told_as_findings(visit, session):
    sealed = {"submission.xml.enc": photo("xml"), "photo.jpg.enc": photo("photo")}
    xml = (
        f'<data xmlns="http://www.opendatakit.org/xforms/encrypted" encrypted="yes" id="{FORM}" version="1">'
        f'<base64EncryptedKey>AAAA</base64EncryptedKey><meta xmlns="http://openrosa.org/xforms">'
        f"<instanceID>uuid:{uuid4()}</instanceID></meta><media><file>photo.jpg.enc</file></media>"
        "<encryptedXmlFile>submission.xml.enc</encryptedXmlFile></data>"
    ).encode()

    assert visit.collect.posts(xml, sealed).status_code == 201

    revision = one(revisions(session))
    assert json.loads(revision.data)["xml"].encode() == xml
    assert {entry["name"] for entry in revision.media} == sealed.keys()
    assert {"/data/base64EncryptedKey", "/data/encryptedXmlFile"} <= {
        finding["path"] for finding in revision.findings
    }
    assert all(session.get(MediaObject, hashlib.sha256(each).hexdigest()) for each in sealed.values())


def test_entities_that_a_record_makes_or_changes_are_kept_with_it_and_not_applied(visit, session):
    filled = visit.collect.fills(FORM, signed(), SIGNATURES)
    before, new = visit.collect.tasks(), uuid4()
    entities = (
        f'<entity dataset="tasks" id="{visit.task}" update="1" baseVersion="1"><label>改了</label></entity>',
        f'<entity dataset="tasks" id="{new}" create="1"><label>新的</label></entity>',
    )
    xml = xml_with(filled, b"</meta>", f"{''.join(entities)}</meta>".encode())

    assert visit.collect.posts(xml, SIGNATURES).status_code == 201

    revision = one(revisions(session))
    assert json.loads(revision.data)["xml"].encode() == xml
    assert revision.record_id is not None
    assert one(rows(session, Task)).id == UUID(str(visit.task))
    shown = visit.collect.updates().tasks()
    assert str(new) not in shown
    assert "改了" not in {row["label"] for row in shown.values()}
    assert shown.keys() <= before.keys()
