"""Two inspectors, two phones, one record: what comes together by itself, what a person chooses, and who is told."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from server import audit, clock
from server.access import SYSTEM
from server.checklists import service as checklists
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


def test_edits_at_different_places_come_together_with_one_tap(forked):
    lead, second, record = forked.lead, forked.second, forked.record
    mine = lead.corrects(record, {"/data/note": "主检补充"})
    theirs = second.corrects(
        record, {"/data/markers[2]/photo": "j2-again.jpg", "/data/markers[3]/marker_no": "J3"}
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

    lead.reads_along(record, second)
    joined = lead.resolves(record, found["resolution"], FRESH)
    [answer] = lead.syncs()

    assert (answer["record_state"], answer["heads"], answer["flags"]) == ("under_review", [joined], [])
    assert "merge" not in lead.record(record)
    said = answers(lead, record)
    assert said["/data/note"] == "主检补充"
    assert said["/data/markers[2]/photo"] == "j2-again.jpg"
    assert said["/data/markers[3]/marker_no"] == "J3"
    assert said["/data/sign/inspector1"] == "again-inspector1.png"


def test_a_signature_is_never_carried_into_a_merge_and_what_was_signed_is_shown(forked):
    forked.lead.corrects(forked.record, {"/data/note": "主检补充"})
    forked.second.corrects(forked.record, {"/data/sign/refused": "yes", "/data/sign/company": ""})
    both_sync(forked)

    found = proposal(forked.lead, forked.record)

    assert {each["path"] for each in found["left_out"]} == set(SIGNATURES)
    assert ".png" not in found["resolution"]["xml"]
    assert {each["name"] for each in found["resolution"]["media"]} == {"j1.jpg", "j2.jpg"}
    forked.lead.resolves(forked.record, found["resolution"])
    assert forked.lead.pushes()[0]["record_state"] == "open"


def test_a_resolution_under_the_old_signatures_says_so(forked):
    forked.lead.corrects(forked.record, {"/data/note": "主检补充"})
    forked.second.corrects(forked.record, {"/data/markers[1]/photo": "j1-again.jpg"})
    both_sync(forked)
    heads = tuple(forked.lead.record(forked.record)["heads"])

    forked.lead.corrects(forked.record, {"/data/note": "合并"}, parents=heads)
    forked.lead.syncs()

    [told] = forked.lead.get(f"/api/v1/records/{forked.record}")["resolutions"]
    assert told["signatures_carried"] == [
        f"/data/sign/{who}" for who in ("inspector1", "inspector2", "company")
    ]


def test_a_clash_shows_both_values_and_is_never_drafted_unchosen(forked):
    lead, record = forked.lead, forked.record
    mine = lead.corrects(record, {"/data/note": "界桩移位"})
    theirs = forked.second.corrects(record, {"/data/note": "界桩完好无损"})
    both_sync(forked)

    assert lead.record(record)["merge"]["clashes"] == 1
    found = proposal(lead, record)
    [clash] = found["clashes"]
    assert (clash["path"], clash["kind"], clash["heads"]) == (
        "/data/note",
        "both_changed",
        sorted([mine, theirs]),
    )
    assert set(texts(clash)) == {"界桩移位", "界桩完好无损"}
    assert [each["value"]["text"] for each in clash["bases"]] == ["界桩完好"]
    assert (found["resolution"], found["one_tap"]) == (None, False)

    assert draft(lead, record, expect=422)["paths"] == ["/data/note"]
    assert draft(lead, record, choices={"/data/note": forked.base}, expect=422)["paths"] == ["/data/note"]
    assert draft(lead, record, choices={"/data/note": mine, "/data/photo": mine}, expect=422)["paths"] == [
        "/data/photo"
    ]
    assert "界桩移位" in draft(lead, record, choices={"/data/note": mine})["xml"]
    assert "界桩完好无损" in draft(lead, record, choices={"/data/note": theirs})["xml"]


def test_the_dossier_tells_what_a_resolution_took_from_whom_and_what_is_new(forked, cast):
    lead, second, record = forked.lead, forked.second, forked.record
    mine = lead.corrects(record, {"/data/note": "界桩移位"})
    theirs = second.corrects(record, {"/data/note": "完好", "/data/photo": "site.jpg"})
    both_sync(forked)
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
        *(each for _, each in sorted([(mine, "界桩移位"), (theirs, "完好")])),
    ]
    assert {each["rev"] for each in read["versions"]} == {forked.base, mine, theirs, joined}
    assert answers(lead, record, rev=mine)["/data/note"] == "界桩移位"


def test_an_edit_against_a_deleted_row_is_a_clash_with_the_whole_row(forked):
    lead, second, record = forked.lead, forked.second, forked.record
    lead.deletes_row(record, "/data/markers[1]")
    mine = lead.corrects(record)
    theirs = second.corrects(record, {"/data/markers[1]/photo": "j1-again.jpg"})
    both_sync(forked)

    found = proposal(lead, record)
    [clash] = found["clashes"]
    assert (clash["path"], clash["kind"], clash["unit"]) == (J1, "edit_against_delete", "row")
    [row] = [each["value"]["rows"][0] for each in clash["values"] if each["value"]]
    assert [each["text"] for each in row] == ["J1", "j1-again.jpg"]

    without = draft(lead, record, choices={J1: mine})
    assert ("J1" in without["xml"], "J2" in without["xml"]) == (False, True)
    kept = draft(lead, record, choices={J1: theirs})
    assert "j1-again.jpg" in kept["xml"]
    assert "j1-again.jpg" in {each["name"] for each in kept["media"]}


def test_a_row_that_one_deleted_and_the_other_left_alone_goes_with_one_tap(forked):
    forked.lead.deletes_row(forked.record, "/data/markers[1]")
    forked.lead.corrects(forked.record)
    forked.second.corrects(forked.record, {"/data/markers[2]/photo": "j2-again.jpg"})
    both_sync(forked)

    found = proposal(forked.lead, forked.record)

    assert found["one_tap"]
    assert J1 in {each["path"] for each in found["automatic"] if each["change"] == "row_deleted"}
    assert "j1.jpg" not in found["resolution"]["xml"]
    assert "j2-again.jpg" in found["resolution"]["xml"]


def test_three_heads_show_three_values_and_are_resolved_at_once(cast):
    lead, *others = crew = [cast.phone() for _ in range(3)]
    task = cast.task(*crew)
    for phone in crew:
        phone.syncs()
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

    assert {name: lead.record(record)["merge"][name] for name in ("automatic", "clashes")} == {
        "automatic": 2,
        "clashes": 1,
    }
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


def test_a_photo_replaced_on_both_phones_is_a_clash_of_two_files(forked):
    lead, second, record = forked.lead, forked.second, forked.record
    lead.corrects(record, {"/data/markers[1]/photo": "j1.jpg"}, photos={"j1.jpg": b"by the lead"})
    theirs = second.corrects(
        record, {"/data/markers[1]/photo": "j1.jpg"}, photos={"j1.jpg": b"by the second"}
    )
    both_sync(forked)

    [clash] = proposal(lead, record)["clashes"]

    hashes = [each["value"]["file"]["sha256"] for each in clash["values"]]
    assert (clash["path"], len(set(hashes))) == (f"{J1}/photo", 2)
    merged = draft(lead, record, choices={clash["path"]: theirs})
    [taken] = [each for each in merged["media"] if each["name"] == "j1.jpg"]
    assert second.files[taken["sha256"]] == b"by the second"


def test_two_photos_of_one_name_both_stay(forked):
    lead, second, record = forked.lead, forked.second, forked.record
    lead.corrects(record, {"/data/photo": "IMG_1.jpg"}, photos={"IMG_1.jpg": b"by the lead"})
    second.corrects(record, {"/data/markers[2]/photo": "IMG_1.jpg"}, photos={"IMG_1.jpg": b"by the second"})
    both_sync(forked)
    lead.reads_along(record, second)

    lead.resolves(record, proposal(lead, record)["resolution"], FRESH)
    lead.syncs()

    read = lead.get(f"/api/v1/records/{record}")
    shown = {each["path"]: lead.files[each["sha256"]] for each in read["files"]}
    assert shown["/data/photo"] == b"by the lead"
    assert shown["/data/markers[2]/photo"] == b"by the second"
    assert not [each for each in read["findings"] if each["kind"].startswith("media")]


def test_heads_of_two_form_versions_are_shown_side_by_side_and_not_merged(forked, app):
    lead, second, record = forked.lead, forked.second, forked.record
    newer = SPOT_CHECK.replace("| spot_check | 1 |", "| spot_check | 2 |").replace("| 情况 |", "| 现场情况 |")
    with audit.transaction(app.sessions) as session:
        checklists.publish(session, SYSTEM, newer.encode(), ".md")
    second.drafts[record].xml = second.drafts[record].xml.replace(b'version="1"', b'version="2"')
    lead.corrects(record, {"/data/note": "旧版"})
    second.corrects(record, {"/data/note": "新版"}, form_version="2")
    both_sync(forked)

    merge = lead.record(record)["merge"]
    assert (merge["versions_differ"], merge["automatic"], merge["clashes"]) == (True, 0, 1)
    found = proposal(lead, record)
    assert [each["form_version"] for each in found["heads"]] in (["1", "2"], ["2", "1"])
    [clash] = found["clashes"]
    assert (clash["kind"], set(texts(clash))) == ("versions_differ", {"旧版", "新版"})
    [changes] = found["form_changes"]
    assert "label" in {each["kind"] for each in changes["changes"]}
    assert (found["resolution"], found["one_tap"]) == (None, False)
    assert draft(lead, record, choices={}, expect=409)["code"] == "record.versions-differ"


def test_a_base_of_an_older_form_version_is_read_as_one_of_the_newer(forked, app):
    newer = SPOT_CHECK.replace("| spot_check | 1 |", "| spot_check | 2 |").replace(
        "| text | note |", "| text | facts |"
    )
    newer = newer.replace("| parameters |", "| parameters | bind::alias |").replace(
        "| text | facts | 情况 | | true() | | | | |", "| text | facts | 情况 | | true() | | | | | note |"
    )
    with audit.transaction(app.sessions) as session:
        checklists.publish(session, SYSTEM, newer.encode(), ".md")
    for phone, change in (
        (forked.lead, {"/data/facts": "补充"}),
        (forked.second, {"/data/photo": "site.jpg"}),
    ):
        held = phone.drafts[forked.record]
        held.xml = held.xml.replace(b'version="1"', b'version="2"').replace(b"note>", b"facts>")
        phone.corrects(forked.record, change, form_version="2")
    both_sync(forked)

    found = proposal(forked.lead, forked.record)

    assert [each["path"] for each in found["automatic"]] == ["/data/facts", "/data/photo"]
    assert found["one_tap"]


def test_whoever_sees_a_record_may_look_and_a_resolution_by_another_than_the_lead_is_flagged(forked, cast):
    second, record = forked.second, forked.record
    forked.lead.corrects(record, {"/data/note": "主检补充"})
    second.corrects(record, {"/data/photo": "site.jpg"})
    both_sync(forked)

    assert proposal(supervisor(cast), record)["may_resolve"] is False
    assert proposal(cast.phone(), record, expect=404)["code"] == "record.not-found"
    found = proposal(second, record)
    assert (found["may_resolve"], found["lead"]) == (False, str(forked.lead.person_id))

    second.resolves(record, found["resolution"], FRESH)
    [answer] = second.pushes()

    assert (answer["flags"], answer["record_state"]) == (["resolved_by_other"], "under_review")
    assert "resolved_by_other" in supervisor(cast).reads(record)["flags"]


def test_there_is_no_proposal_for_a_record_that_is_not_in_conflict(forked):
    assert proposal(forked.lead, forked.record, expect=409)["code"] == "record.not-conflicted"
    assert draft(forked.lead, forked.record, expect=409)["code"] == "record.not-conflicted"


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
        return {
            each["rev"]: [signed["voided"] for signed in each["attestations"] if signed["valid"]]
            for each in reviewer.reads(record)["versions"]
        }[mine]

    assert voided() == [False]
    fresh = {path: name for path, name in FRESH.items() if not path.endswith("inspector2")}
    visit.lead.reads_along(record, visit.second)
    joined = visit.lead.resolves(record, proposal(visit.lead, record)["resolution"], fresh)
    assert visit.lead.pushes()[0]["record_state"] == "open"
    assert voided() == [True]
    visit.second.attests(joined)
    assert visit.second.pushes()[0]["record_state"] == "under_review"


# A late sibling


@pytest.mark.parametrize("stands", ["open", "under_review", "returned"])
def test_a_late_sibling_of_a_head_brings_the_record_into_conflict_wherever_it_stands(visit, cast, stands):
    record = visit.lead.fills(visit.task, UNSIGNED if stands == "open" else SIGNED)
    visit.lead.syncs()
    visit.second.pulls()
    visit.second.reads_along(record, visit.lead)
    visit.lead.corrects(record, {"/data/note": "补充"})
    visit.lead.syncs()
    reviewer = supervisor(cast)
    if stands == "returned":
        reviewer.returns(record, {"/data/photo": "看不清"})
    assert reviewer.reads(record)["state"] == stands

    visit.second.corrects(record, {"/data/photo": "site.jpg"})
    visit.second.syncs()

    read = reviewer.reads(record)
    assert (read["state"], len(read["heads"])) == ("conflicted", 2)
    assert read["blocks"][0]["code"] == "record.conflicted"
    assert reviewer.accepts(record, expect=409)["code"] == "record.not-under-review"
    visit.lead.reads_along(record, visit.second)
    merged = proposal(visit.lead, record)["resolution"]
    visit.lead.resolves(record, merged, FRESH)
    visit.lead.syncs()
    read = reviewer.reads(record)
    assert (read["state"], read["marks"], read["conflict"]) == ("under_review", [], None)
    assert answers(reviewer, record)["/data/photo"] == "site.jpg"


def test_a_late_sibling_of_what_was_accepted_is_an_addendum_and_the_accepted_version_is_shown(forked, cast):
    forked.lead.corrects(forked.record, {"/data/note": "补充"})
    forked.lead.syncs()
    reviewer = supervisor(cast)
    reviewer.accepts(forked.record)
    final = reviewer.reads(forked.record)["final_rev"]

    for _ in range(4):  # whichever of them sorts first
        forked.second.corrects(forked.record, parents=(forked.base,))
    answered = forked.second.syncs()

    assert {(each["outcome"], each["record_state"]) for each in answered} == {("accepted_late", "final")}
    read = reviewer.reads(forked.record)
    assert (read["state"], read["rev"], len(read["heads"])) == ("final", final, 5)
    assert "late_addendum" in read["flags"]
    assert proposal(reviewer, forked.record, expect=409)["code"] == "record.not-conflicted"


# Whoever waits


def test_a_conflict_that_nobody_resolves_stands_in_the_reviewers_queue_after_three_working_days(
    forked, cast, session
):
    forked.lead.corrects(forked.record, {"/data/note": "补充"})
    forked.second.corrects(forked.record, {"/data/photo": "site.jpg"})
    both_sync(forked)
    reviewer = supervisor(cast)

    def queue():
        return {each["id"]: each["conflict"] for each in reviewer.get("/api/v1/records?waiting=true")}

    assert str(forked.record) not in queue()
    conflict = reviewer.reads(forked.record)["conflict"]
    assert conflict["overdue"] is False
    session.get_one(Record, forked.record).conflicted_at -= timedelta(days=20)
    session.flush()
    assert queue()[str(forked.record)]["overdue"] is True
    assert reviewer.reads(forked.record)["conflict"]["due_on"] < clock.now().date().isoformat()


def test_a_conflict_lasts_from_its_first_two_heads_whatever_is_edited_meanwhile(forked, session):
    forked.lead.corrects(forked.record, {"/data/note": "补充"})
    forked.second.corrects(forked.record, {"/data/photo": "site.jpg"})
    both_sync(forked)
    session.expire_all()
    began = session.get_one(Record, forked.record).conflicted_at

    forked.second.corrects(forked.record, {"/data/photo": "again.jpg"})
    forked.second.syncs()

    session.expire_all()
    assert session.get_one(Record, forked.record).conflicted_at == began


def test_who_waits_for_a_reviewer_is_listed_together(forked, cast):
    reviewer = supervisor(cast)

    assert [each["state"] for each in reviewer.get("/api/v1/records?waiting=true")] == ["under_review"]


# What it costs


def test_a_pull_of_many_conflicts_takes_as_many_statements_as_of_one(visit, statements):
    def conflict():
        record = visit.lead.fills(visit.task, SIGNED)
        visit.lead.pushes()
        visit.second.reads_along(record, visit.lead)
        visit.lead.corrects(record)
        visit.second.corrects(record)

    def cost():
        visit.lead.pushes()
        visit.second.pushes()
        statements.clear()
        visit.second.pulls()
        return len(statements)

    visit.lead.fills(visit.task, UNSIGNED)
    cost()
    conflict()
    for_one = cost()
    for _ in range(5):
        conflict()

    assert cost() == for_one
    assert len([each for each in visit.second.shows("record").values() if "merge" in each]) == 6


def test_what_was_counted_is_not_read_again(forked, statements):
    forked.lead.corrects(forked.record, {"/data/note": "补充"})
    forked.second.corrects(forked.record, {"/data/photo": "site.jpg"})
    both_sync(forked)

    statements.clear()
    forked.second.pulls()

    assert not [each for each in statements if "revision.data" in each]
