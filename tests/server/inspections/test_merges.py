"""Two inspectors, two phones, one record: what comes together by itself, what a person chooses, and who is told."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from forms import load_form
from server import audit, clock
from server.access import SYSTEM
from server.checklists import service as checklists
from server.inspections import merging
from server.inspections.models import Record
from tests.actors.phone import SIGNED, SPOT_CHECK, UNSIGNED
from tests.actors.supervisor import supervisor

SIGNATURES = {path: name for path, name in SIGNED.items() if path.startswith("/data/sign/")}
FRESH = {path: name if name == "no" else f"again-{name}" for path, name in SIGNATURES.items()}
ROWS = {
    "/data/markers": [
        {"marker_no": "J1", "photo": "j1.jpg"},
        {"marker_no": "J2", "photo": "j2.jpg"},
    ]
}
J1, J2 = "/data/markers[marker_no='J1']", "/data/markers[marker_no='J2']"


@pytest.fixture
def forked(visit):
    """A record of both phones that each may change without the other."""
    record = visit.lead.fills(visit.task, SIGNED | ROWS)
    visit.lead.syncs()
    visit.second.pulls()
    visit.second.reads_along(record, visit.lead)
    return SimpleNamespace(**vars(visit), record=record, base=visit.lead.drafts[record].heads[0])


def both_sync(visit):
    for phone in (visit.lead, visit.second):
        phone.syncs()
    visit.lead.pulls()


def proposal(who, record, expect=200):
    return who.get(f"/api/v1/records/{record}/merge", expect=expect)


def draft(who, record, expect=200, **given):
    return who.post(f"/api/v1/records/{record}/merge", given, expect=expect)


def texts(place):
    """What each head says at a place, in the order of the heads."""
    return [each["value"] and each["value"]["text"] for each in place["values"]]


def answers(who, record, **query):
    """A record's answers by path, as a reader sees them."""
    found = {}

    def walk(node):
        for child in node["children"]:
            if "children" in child:
                walk(child)
            elif child["text"]:
                found[child["path"]] = child["text"]

    walk(who.get(f"/api/v1/records/{record}", query_string=query)["answers"])
    return found


def test_edits_at_different_places_come_together_with_one_tap_and_new_signatures(forked):
    lead, second, record = forked.lead, forked.second, forked.record
    mine = lead.corrects(record, {"/data/note": "主检补充"})
    theirs = second.corrects(
        record,
        {
            "/data/markers[2]/photo": "j2-again.jpg",
            "/data/markers[3]/marker_no": "J3",
            "/data/sign/refused": "yes",
            "/data/sign/company": "",
        },
    )
    both_sync(forked)

    assert lead.record(record)["merge"] == {
        "base": forked.base,
        "automatic": 4,
        "clashes": 0,
        "versions_differ": False,
    }
    found = proposal(lead, record)
    assert (found["one_tap"], found["may_resolve"], found["clashes"]) == (True, True, [])
    assert [(each["path"], each["change"], each["heads"]) for each in found["automatic"]] == [
        ("/data/note", "changed", [mine]),
        ("/data/markers[marker_no='J2']/photo", "changed", [theirs]),
        ("/data/markers[marker_no='J3']", "row_added", [theirs]),
        ("/data/markers[marker_no='J3']/marker_no", "changed", [theirs]),
    ]
    assert found["automatic"][1]["titles"]["zh"] == "界桩 J2 › 照片"
    assert {each["path"] for each in found["left_out"]} == set(SIGNATURES)
    assert ".png" not in found["resolution"]["xml"]
    assert {each["name"] for each in found["resolution"]["media"]} == {"j1.jpg", "j2-again.jpg"}

    lead.reads_along(record, second)
    unsigned = lead.resolves(record, found["resolution"])
    [answer] = lead.syncs()
    assert (answer["record_state"], answer["heads"], answer["flags"]) == ("open", [unsigned], [])
    assert "merge" not in lead.record(record)
    signed = lead.corrects(record, FRESH)
    [answer] = lead.syncs()

    assert (answer["record_state"], answer["heads"]) == ("under_review", [signed])
    said = answers(lead, record)
    assert said["/data/note"] == "主检补充"
    assert said["/data/markers[2]/photo"] == "j2-again.jpg"
    assert said["/data/markers[3]/marker_no"] == "J3"
    assert said["/data/sign/inspector1"] == "again-inspector1.png"


def test_a_clash_shows_both_values_and_the_dossier_tells_what_was_taken_from_whom(forked, cast):
    lead, second, record = forked.lead, forked.second, forked.record
    mine = lead.corrects(record, {"/data/note": "界桩移位"})
    theirs = second.corrects(record, {"/data/note": "完好无损", "/data/photo": "site.jpg"})
    both_sync(forked)

    assert lead.record(record)["merge"]["clashes"] == 1
    found = proposal(lead, record)
    [clash] = found["clashes"]
    assert (clash["path"], clash["kind"], clash["heads"]) == (
        "/data/note",
        "both_changed",
        sorted([mine, theirs]),
    )
    assert set(texts(clash)) == {"界桩移位", "完好无损"}
    assert [each["value"]["text"] for each in clash["bases"]] == ["界桩完好"]
    assert (found["resolution"], found["one_tap"]) == (None, False)
    for wrong, path in [
        ({}, "/data/note"),
        ({"/data/note": forked.base}, "/data/note"),
        ({"/data/note": mine, "/data/sign/refused": mine}, "/data/sign/refused"),
    ]:
        assert draft(lead, record, choices=wrong, expect=422)["paths"] == [path]
    for text, status, code in (("\x00", 400, "request.unreadable"), ("\ufffe", 422, "request.invalid")):
        assert draft(lead, record, answers={"/data/note": text}, expect=status)["code"] == code
    assert "界桩移位" in draft(lead, record, choices={"/data/note": mine})["xml"]
    assert "完好无损" in draft(lead, record, choices={"/data/note": theirs})["xml"]

    lead.reads_along(record, second)
    merged = draft(lead, record, answers={"/data/note": "界桩移位，已复测"})
    joined = lead.resolves(record, merged, FRESH)
    lead.syncs()
    read = supervisor(cast).reads(record)

    [told] = read["resolutions"]
    assert (told["rev"], told["bases"], told["signatures_carried"]) == (joined, [forked.base], [])
    assert [(each["path"], each["from"]) for each in told["taken"]] == [
        ("/data/note", []),
        ("/data/photo", [theirs]),
    ]
    assert [each["value"]["text"] for each in told["taken"][0]["values"]] == [
        "界桩移位，已复测",
        *(each for _, each in sorted([(mine, "界桩移位"), (theirs, "完好无损")])),
    ]
    assert {each["rev"] for each in read["versions"]} == {forked.base, mine, theirs, joined}
    assert answers(lead, record, rev=mine)["/data/note"] == "界桩移位"


def test_an_edit_against_a_deleted_row_clashes_as_a_whole_and_a_row_left_alone_goes(forked):
    lead, second, record = forked.lead, forked.second, forked.record
    lead.deletes_row(record, "/data/markers[2]")
    lead.deletes_row(record, "/data/markers[1]")
    mine = lead.corrects(record, {"/data/note": "两桩不存"})
    theirs = second.corrects(record, {"/data/markers[1]/photo": "j1-again.jpg"})
    both_sync(forked)

    found = proposal(lead, record)

    [clash] = found["clashes"]
    assert (clash["path"], clash["kind"], clash["unit"]) == (J1, "edit_against_delete", "row")
    [row] = [each["value"]["rows"][0] for each in clash["values"] if each["value"]]
    assert [each["text"] for each in row] == ["J1", "j1-again.jpg"]
    assert J2 in {each["path"] for each in found["automatic"] if each["change"] == "row_deleted"}
    without = draft(lead, record, choices={J1: mine})
    assert ("J1" in without["xml"], "J2" in without["xml"], without["media"]) == (False, False, [])
    into_nothing = draft(lead, record, choices={J1: mine}, answers={f"{J1}/photo": "x.jpg"}, expect=422)
    assert into_nothing["paths"] == [f"{J1}/photo"]
    kept = draft(lead, record, choices={J1: theirs})
    assert ("J1" in kept["xml"], "J2" in kept["xml"]) == (True, False)
    assert [each["name"] for each in kept["media"]] == ["j1-again.jpg"]


def test_three_heads_show_three_values_and_are_resolved_at_once(cast):
    lead, *others = crew = [cast.phone() for _ in range(3)]
    task = cast.task(*crew)
    lead.syncs()
    record = lead.fills(task, SIGNED | ROWS)
    lead.syncs()
    for phone in others:
        phone.pulls()
        phone.reads_along(record, lead)
    lead.corrects(record, {"/data/note": "甲"})
    others[0].corrects(record, {"/data/note": "乙", "/data/markers[1]/photo": "j1-b.jpg"})
    others[1].corrects(record, {"/data/note": "丙", "/data/markers[2]/photo": "j2-c.jpg"})
    for phone in (*crew, lead):
        phone.syncs()

    merge = lead.record(record)["merge"]
    assert (merge["automatic"], merge["clashes"]) == (2, 1)
    [clash] = proposal(lead, record)["clashes"]
    assert sorted(texts(clash)) == ["丙", "乙", "甲"]
    merged = draft(lead, record, choices={"/data/note": clash["heads"][0]})
    assert len(merged["parents"]) == 3
    for phone in others:
        lead.files |= phone.files
    joined = lead.resolves(record, merged, FRESH)

    assert lead.pushes()[0]["heads"] == [joined]
    said = answers(lead, record)
    assert (said["/data/markers[1]/photo"], said["/data/markers[2]/photo"]) == ("j1-b.jpg", "j2-c.jpg")


def test_a_photo_replaced_on_both_phones_is_a_clash_of_files_and_two_of_one_name_both_stay(forked):
    lead, second, record = forked.lead, forked.second, forked.record
    photo = f"{J1}/photo"
    lead.corrects(
        record,
        {"/data/markers[1]/photo": "j1.jpg", "/data/photo": "IMG_1.jpg"},
        photos={"j1.jpg": b"by the lead", "IMG_1.jpg": b"lead's site"},
    )
    theirs = second.corrects(
        record,
        {"/data/markers[1]/photo": "j1.jpg", "/data/markers[2]/photo": "IMG_1.jpg"},
        photos={"j1.jpg": b"by the second", "IMG_1.jpg": b"second's J2"},
    )
    both_sync(forked)

    [clash] = proposal(lead, record)["clashes"]
    hashes = {each["value"]["file"]["sha256"] for each in clash["values"]}
    assert (clash["path"], texts(clash), len(hashes)) == (photo, ["j1.jpg", "j1.jpg"], 2)
    lead.reads_along(record, second)
    lead.resolves(record, draft(lead, record, choices={photo: theirs}), FRESH)
    lead.syncs()

    read = lead.get(f"/api/v1/records/{record}")
    shown = {each["path"]: lead.files[each["sha256"]] for each in read["files"]}
    assert shown["/data/markers[1]/photo"] == b"by the second"
    assert shown["/data/markers[2]/photo"] == b"second's J2"
    assert shown["/data/photo"] == b"lead's site"
    assert not [each for each in read["findings"] if each["kind"].startswith("media")]


def test_heads_of_two_form_versions_stand_side_by_side_and_a_base_of_an_older_one_is_moved(forked, app):
    lead, second, record = forked.lead, forked.second, forked.record
    newer = SPOT_CHECK.replace("| spot_check | 1 |", "| spot_check | 2 |")
    newer = newer.replace("| parameters |", "| parameters | bind::alias |").replace(
        "| text | note | 情况 | | true() | | | | |", "| text | facts | 现场情况 | | true() | | | | | note |"
    )
    with audit.transaction(app.sessions) as session:
        checklists.publish(session, SYSTEM, newer.encode(), ".md")

    def moves(phone):
        held = phone.drafts[record]
        held.xml = held.xml.replace(b'version="1"', b'version="2"').replace(b"note>", b"facts>")

    moves(second)
    lead.corrects(record, {"/data/note": "旧版"})
    second.corrects(record, {"/data/facts": "新版"}, form_version="2")
    both_sync(forked)

    assert lead.record(record)["merge"] == {
        "base": forked.base,
        "automatic": 0,
        "clashes": 2,
        "versions_differ": True,
    }
    found = proposal(lead, record)
    assert {(each["path"], each["kind"]) for each in found["clashes"]} == {
        ("/data/note", "versions_differ"),
        ("/data/facts", "versions_differ"),
    }
    [changes] = found["form_changes"]
    assert (changes["old"], changes["new"], changes["keeps_every_answer"]) == ("1", "2", True)
    assert (found["resolution"], found["one_tap"]) == (None, False)
    assert draft(lead, record, choices={}, expect=409)["code"] == "record.versions-differ"

    moves(lead)
    lead.corrects(record, {"/data/photo": "site.jpg", "/data/facts": "界桩完好"}, form_version="2")
    both_sync(forked)
    found = proposal(lead, record)
    assert [(each["path"], texts(each).count("新版")) for each in found["automatic"]] == [
        ("/data/facts", 1),
        ("/data/photo", 0),
    ]
    assert found["one_tap"]


def test_heads_of_one_version_are_of_one_even_where_the_process_reads_its_form_again(forked, monkeypatch):
    forked.lead.corrects(forked.record, {"/data/note": "主检补充"})
    forked.second.corrects(forked.record, {"/data/photo": "site.jpg"})
    monkeypatch.setattr(checklists, "read", lambda version: load_form(version.xform))
    both_sync(forked)

    assert forked.lead.record(forked.record)["merge"]["versions_differ"] is False
    assert proposal(forked.lead, forked.record)["one_tap"]


def test_whoever_sees_a_record_may_look_and_a_resolution_by_another_than_the_lead_is_told(forked, cast):
    second, record, reviewer = forked.second, forked.record, supervisor(cast)
    assert proposal(second, record, expect=409)["code"] == "record.not-conflicted"
    assert draft(second, record, expect=409)["code"] == "record.not-conflicted"
    forked.lead.corrects(record, {"/data/note": "主检补充"})
    second.corrects(record, {"/data/photo": "site.jpg"})
    both_sync(forked)

    assert proposal(reviewer, record)["may_resolve"] is False
    assert proposal(cast.phone(), record, expect=404)["code"] == "record.not-found"
    found = proposal(second, record)
    assert (found["may_resolve"], found["lead"]) == (False, str(forked.lead.person_id))

    heads = tuple(each["rev"] for each in found["heads"])
    second.corrects(record, {"/data/note": "主检补充"}, parents=heads)
    [answer] = second.pushes()

    assert (answer["flags"], answer["record_state"]) == (["resolved_by_other"], "under_review")
    read = reviewer.reads(record)
    assert "resolved_by_other" in read["flags"]
    [told] = read["resolutions"]
    assert told["signatures_carried"] == [
        f"/data/sign/{who}" for who in ("inspector1", "inspector2", "company")
    ]


def test_a_co_signature_of_a_head_is_voided_by_the_resolution_and_stays_what_it_was(visit, cast):
    without = {path: name for path, name in SIGNED.items() if not path.endswith("inspector2")}
    record = visit.lead.fills(visit.task, without)
    visit.lead.syncs()
    visit.second.pulls()
    visit.second.reads_along(record, visit.lead)
    mine = visit.lead.corrects(record, {"/data/note": "主检补充"})
    visit.second.corrects(record, {"/data/photo": "site.jpg"})
    both_sync(visit)
    visit.second.attests(mine)
    visit.second.syncs()
    reviewer = supervisor(cast)

    def voided():
        [version] = [each for each in reviewer.reads(record)["versions"] if each["rev"] == mine]
        return [signed["voided"] for signed in version["attestations"] if signed["valid"]]

    assert voided() == [False]
    fresh = {path: name for path, name in FRESH.items() if not path.endswith("inspector2")}
    visit.lead.reads_along(record, visit.second)
    found = proposal(visit.lead, record)
    assert [len(each["attestations"]) for each in found["heads"] if each["rev"] == mine] == [1]
    joined = visit.lead.resolves(record, found["resolution"], fresh)
    assert visit.lead.pushes()[0]["record_state"] == "open"
    assert voided() == [True]
    visit.second.attests(joined)
    assert visit.second.pushes()[0]["record_state"] == "under_review"


def test_a_late_sibling_brings_a_record_into_conflict_wherever_it_stands_and_is_an_addendum_when_it_is_final(
    visit, cast
):
    lead, second, reviewer = visit.lead, visit.second, supervisor(cast)
    records = {
        stands: lead.fills(visit.task, UNSIGNED if stands == "open" else SIGNED)
        for stands in ("open", "under_review", "returned", "final")
    }
    lead.syncs()
    for record in records.values():
        second.reads_along(record, lead)
        lead.corrects(record, {"/data/note": "补充"})
    lead.syncs()
    reviewer.returns(records["returned"], {"/data/photo": "看不清"})
    reviewer.accepts(records["final"])
    assert {stands: reviewer.reads(record)["state"] for stands, record in records.items()} == {
        stands: stands for stands in records
    }
    final = reviewer.reads(records["final"])["final_rev"]

    for record in records.values():
        second.corrects(record, {"/data/photo": "site.jpg"})
    for _ in range(3):  # whichever of them sorts first
        second.corrects(records["final"], parents=tuple(lead.drafts[records["open"]].heads))
    second.syncs()

    for stands in ("open", "under_review", "returned"):
        read = reviewer.reads(records[stands])
        assert (read["state"], len(read["heads"]), read["blocks"][0]["code"]) == (
            "conflicted",
            2,
            "record.conflicted",
        )
        assert reviewer.accepts(records[stands], expect=409)["code"] == "record.not-under-review"
    lead.reads_along(records["returned"], second)
    lead.resolves(records["returned"], proposal(lead, records["returned"])["resolution"], FRESH)
    lead.syncs()
    read = reviewer.reads(records["returned"])
    assert (read["state"], read["marks"], read["conflict"]) == ("under_review", [], None)
    assert answers(reviewer, records["returned"])["/data/photo"] == "site.jpg"

    read = reviewer.reads(records["final"])
    assert (read["state"], read["rev"], len(read["heads"])) == ("final", final, 5)
    assert "late_addendum" in read["flags"]
    assert proposal(reviewer, records["final"], expect=409)["code"] == "record.not-conflicted"


def test_a_conflict_that_nobody_resolves_stands_in_the_reviewers_queue_after_three_working_days(
    forked, cast, session
):
    other = forked.lead.fills(forked.task)
    forked.lead.corrects(forked.record, {"/data/note": "补充"})
    forked.second.corrects(forked.record, {"/data/photo": "site.jpg"})
    both_sync(forked)
    reviewer = supervisor(cast)

    def queue():
        return {each["id"]: each["conflict"] for each in reviewer.get("/api/v1/records?waiting=true")}

    assert queue() == {str(other): None}
    conflict = reviewer.reads(forked.record)["conflict"]
    assert (conflict["overdue"], conflict["asked"]) == (False, None)

    # A reviewer may ask before: the phones read it, and it goes with the conflict.
    ask = f"/api/v1/records/{forked.record}/merge/ask"
    forked.lead.post(ask, {}, expect=403)
    assert (
        reviewer.post(f"/api/v1/records/{other}/merge/ask", {}, expect=409)["code"] == "record.not-conflicted"
    )
    asked = reviewer.post(ask, {"note": "请今天合并"})["conflict"]["asked"]
    assert asked["note"] == "请今天合并"
    forked.lead.pulls()
    assert forked.lead.state.of_kind("record")[str(forked.record)].body["merge"]["asked"] == asked
    forked.second.corrects(forked.record, {"/data/photo": "again.jpg"})
    forked.second.syncs()
    assert reviewer.reads(forked.record)["conflict"]["since"] == conflict["since"], "it did not begin anew"
    session.expire_all()
    session.get_one(Record, forked.record).conflicted_at -= timedelta(days=20)
    session.flush()

    for _ in range(16):
        forked.second.corrects(forked.record, parents=(forked.base,))
    forked.second.syncs()
    found = proposal(forked.lead, forked.record)
    assert (len(found["heads"]), found["more_heads"]) == (16, 2), "as many as a revision can name"
    assert queue()[str(forked.record)]["overdue"] is True
    assert reviewer.reads(forked.record)["conflict"]["due_on"] < clock.now().date().isoformat()


def test_a_pull_of_many_conflicts_takes_as_many_statements_as_of_one_and_reads_none_twice(
    visit, statements, monkeypatch
):
    def conflict():
        record = visit.lead.fills(visit.task, UNSIGNED)
        visit.lead.pushes()
        visit.second.reads_along(record, visit.lead)
        visit.lead.corrects(record)
        visit.second.corrects(record)

    def cost(who):
        visit.lead.pushes()
        visit.second.pushes()
        statements.clear()
        who.pulls()
        return len(statements), len([each for each in statements if "revision.data" in each])

    visit.lead.fills(visit.task, UNSIGNED)
    cost(visit.second)
    visit.lead.pulls()
    conflict()
    for_one = cost(visit.second)
    for _ in range(4):
        conflict()

    assert cost(visit.second) == for_one == (for_one[0], 1)
    assert cost(visit.lead) == (for_one[0] - 2, 0)
    assert [each["merge"]["clashes"] for each in visit.lead.shows("record").values() if "merge" in each] == [
        1
    ] * 5

    def fails(*_):
        raise RecursionError

    monkeypatch.setattr(merging, "_count", fails)
    conflict()
    cost(visit.lead)
    states = [("merge" in each, each["state"]) for each in visit.lead.shows("record").values()]
    assert states.count((False, "conflicted")) == 1, "what can't be counted holds up no pull"
