"""Questions of the machine: what a supervisor is asked about photos, positions and clocks, and what not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from PIL import ExifTags, Image
from sqlalchemy import event, select

from server import audit, clock
from server.access import Role
from server.inspections.models import Task
from server.registry.models import InspectedObject
from server.review.models import Decision
from server.worker import drain
from sync import Declarations, Override, Position, Recusal, RevisionTime
from tests.actors.supervisor import phones, supervisor, visit_answers, visit_task
from tests.actors.uploader import sha256_of
from tests.media.scenes import jpeg, nearly_nothing, on_its_way, scene, through

SITE = (35.48661234, 112.41471234)
METRE = 1 / 111_000  # of latitude, in degrees


@pytest.fixture
def crew(cast):
    return phones(cast)


@pytest.fixture
def reviewer(cast):
    return supervisor(cast)


def photo(seed: int) -> bytes:
    return jpeg(scene(seed))


def on(*sides: str) -> dict[str, bytes]:
    """Two photos of two markers, others for each word."""
    return {name: photo(hash_of((name, *sides))) for name in ("j1.jpg", "j2.jpg")}


def hash_of(words) -> int:
    return int(sha256_of("/".join(words).encode())[:12], 16)


def near(north: float = 0, accuracy: float | None = 4.5, at: datetime | None = None, **more) -> Position:
    """A fix so many metres north of the site."""
    return Position(SITE[0] + north * METRE, SITE[1], accuracy, at=at or datetime.now(UTC), **more)


def brings(cast, crew, photos=None, claims=None, task=None, answers=None, arrive=True, **sealed) -> UUID:
    """A visit whose record waits for review; its photos arrive and are looked into, or are still on their way."""
    lead = crew[0]
    task = task or visit_task(cast, *crew)
    lead.pulls()
    record = lead.fills(
        task, answers or visit_answers(), form_id="visit", photos=photos, claims=claims, **sealed
    )
    lead.pushes()
    if arrive:
        lead.uploads()
        drain(cast.app)
    return record


def lies(cast, task: UUID, place=SITE) -> UUID:
    """Let the register know where a task's object is."""
    with audit.transaction(cast.app.sessions) as session:
        found = session.get_one(InspectedObject, session.get_one(Task, task).object_id)
        found.latitude, found.longitude = place
    return task


def honest(position_of=near) -> dict:
    """What an honest phone says of its files, minute by minute."""
    now = datetime.now(UTC)
    names = ("j1.jpg", "j2.jpg", "inspector1.png", "inspector2.png")
    moments = {name: now - timedelta(minutes=30 - 5 * place) for place, name in enumerate(names)}
    return {
        name: {
            "captured_at": at,
            "position": position_of(3.1 * place, at=at),
            "captured_mono": 1_000_000 + int((at - now).total_seconds() * 1000) + 3_600_000,
            "captured_boot": "boot",
            "source": "camera",
        }
        for place, (name, at) in enumerate(moments.items())
    }


def exif(software=None, at=None, place=None) -> Image.Exif:
    written = Image.Exif()
    if software:
        written[ExifTags.Base.Software] = software
    if at:
        camera = written.get_ifd(ExifTags.IFD.Exif)
        camera[ExifTags.Base.DateTimeOriginal] = at.strftime("%Y:%m:%d %H:%M:%S")
        camera[ExifTags.Base.OffsetTimeOriginal] = "+00:00"
    if place:
        degrees = [(int(each), 0, (each - int(each)) * 3600) for each in place]
        written.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: degrees[0], 3: "E", 4: degrees[1]})
    return written


def test_an_honest_record_raises_no_question(cast, crew, reviewer):
    task = lies(cast, visit_task(cast, *crew))
    claims = honest()
    at = claims["j1.jpg"]["captured_at"]
    mine = jpeg(scene(11), exif=exif("ALN-AL00 4.2.0.130", at + timedelta(seconds=9), (SITE[0], SITE[1])))
    now = datetime.now(UTC)

    record = brings(
        cast,
        crew,
        {"j1.jpg": mine, "j2.jpg": photo(12)},
        claims,
        task=task,
        position=near(1.7, at=now),
        time=RevisionTime(now, 1_000_000 + 3_600_000, "boot", crew[0].beacon),
    )

    assert reviewer.reads(record)["doubts"] == []


def test_last_months_photo_is_asked_about_on_both_records(cast, crew, reviewer):
    kept = photo(21)
    old = brings(cast, crew, {"j2.jpg": kept, "j1.jpg": photo(22)})
    new = brings(cast, crew, {"j1.jpg": kept, "j2.jpg": photo(23)})

    asked = reviewer.asked(new)["photo.same-bytes"]

    assert asked["state"] == "open"
    assert "当次" in asked["question"]
    (item,) = asked["items"]
    author = reviewer.reads(old)["author"]
    told = {name: item["details"][name] for name in ("record", "task_number", "author", "name")}
    assert told == {
        "record": str(old),
        "task_number": reviewer.reads(old)["task_number"],
        "author": author,
        "name": "j2.jpg",
    }
    assert item["names"] == ["j1.jpg"]
    assert author in item["message"]
    assert author in item["message_en"]
    (other,) = reviewer.asked(old)["photo.same-bytes"]["items"]
    assert (other["names"], other["details"]["record"]) == (["j2.jpg"], str(new))
    assert set(reviewer.asked(new)) == {"photo.same-bytes"}


def test_corrections_and_merges_that_keep_their_photos_raise_no_question(cast, crew, reviewer):
    record = brings(cast, crew, on("kept"))
    reviewer.returns(record, {"/data/markers[2]/photo": "看不清刻号"})
    crew[0].syncs()
    crew[1].pulls()
    crew[1].takes_over(record, crew[0])
    crew[0].corrects(record, {"/data/markers[1]/state": "missing"})
    crew[1].corrects(record, {"/data/markers[2]/state": "intact"})
    crew[0].pushes()
    crew[1].pushes()
    assert reviewer.reads(record)["state"] == "conflicted"
    assert reviewer.reads(record)["doubts"] == []

    heads = tuple(reviewer.reads(record)["heads"])
    crew[0].corrects(record, {"/data/markers[1]/state": "intact"}, parents=heads)
    crew[0].syncs()

    read = reviewer.reads(record)
    assert read["state"] == "under_review"
    assert read["doubts"] == []


def test_of_a_record_in_another_region_only_its_existence_is_told(cast, crew, reviewer):
    kept, changed = scene(41), scene(42)
    foreign = phones_of(cast, "130800")
    other = brings(
        cast,
        foreign,
        {"j1.jpg": jpeg(kept), "j2.jpg": jpeg(changed)},
        task=visit_task_of(cast, foreign, "130800"),
    )
    here = brings(cast, crew, {"j1.jpg": jpeg(kept), "j2.jpg": jpeg(through(changed, 60))})

    asked = reviewer.asked(here)

    (same,), (alike,) = asked["photo.same-bytes"]["items"], asked["photo.alike"]["items"]
    assert same["details"] == {"elsewhere": True}
    assert set(alike["details"]) == {"elsewhere", "difference"}
    their = supervisor(cast, region="130800").reads(other)
    shown = str([asked["photo.same-bytes"], asked["photo.alike"]])
    for secret in (str(other), their["author"], their["task_number"], their["object_name"]):
        assert secret not in shown
    nation = cast.signed_in(Role.AUDITOR, region="140000").get(f"/api/v1/records/{here}")
    assert {doubt["code"] for doubt in nation["doubts"]} == {"photo.same-bytes", "photo.alike"}
    assert "elsewhere" in str(nation["doubts"])


def phones_of(cast, region):
    return [cast.phone(region=region) for _ in range(2)]


def visit_task_of(cast, crew, region):
    organisation = cast.organisation(region)
    return visit_task(cast, *crew, region=region, organisation_id=organisation.id)


def test_photos_of_one_visit_may_look_alike_and_empty_pictures_always_do(cast, crew, reviewer):
    taken = scene(61)
    task = visit_task(cast, *crew)
    burst = {"j1.jpg": jpeg(taken), "j2.jpg": jpeg(taken, 70)}
    first = brings(cast, crew, burst, task=task)
    second = brings(cast, crew, {"j1.jpg": jpeg(taken, 50), "j2.jpg": photo(62)}, task=task)
    sky = {name: jpeg(nearly_nothing(kind, 1)) for name, kind in (("j1.jpg", "sky"), ("j2.jpg", "night"))}
    third = brings(cast, crew, sky)
    fourth = brings(cast, crew, {name: jpeg(nearly_nothing("sky", 2)) for name in sky})

    for record in (first, second, third):
        assert reviewer.reads(record)["doubts"] == [], record
    assert set(reviewer.asked(fourth)) == {"photo.same-bytes"}  # only that it is one file under two names


def test_a_photo_that_came_through_a_chat_app_is_known_again_on_both_sides_once_it_arrives(
    cast, crew, reviewer
):
    taken = scene(71)
    old = brings(cast, crew, {"j1.jpg": jpeg(taken), "j2.jpg": photo(72)})
    sent = jpeg(dict(on_its_way(taken))["all of it"])
    new = brings(cast, crew, {"j1.jpg": photo(73), "j2.jpg": sent}, arrive=False)
    drain(cast.app)
    assert reviewer.reads(new)["doubts"] == reviewer.reads(old)["doubts"] == []

    crew[0].uploads()
    drain(cast.app)

    for record, name, other in ((new, "j2.jpg", old), (old, "j1.jpg", new)):
        asked = reviewer.asked(record)
        (item,) = asked["photo.alike"]["items"]
        assert (item["names"], item["details"]["record"]) == ([name], str(other))
        assert 0 < item["details"]["difference"] < 0.2
        assert set(asked) == {"photo.alike"}


def test_a_made_up_position_is_asked_about(cast, crew, reviewer):
    claims = {"j1.jpg": {"position": near(is_mock=True)}, "j2.jpg": {"position": near(7, is_mock=False)}}
    record = brings(cast, crew, on("mock"), claims, arrive=False, position=near(3, is_mock=True))

    asked = reviewer.asked(record)

    assert set(asked) == {"position.mock"}
    assert [item["names"] for item in asked["position.mock"]["items"]] == [[], ["j1.jpg"]]
    assert reviewer.reads(record)["versions"][0]["position"]["is_mock"] is True


def test_what_a_camera_wrote_is_compared_with_what_the_phone_says(cast, crew, reviewer):
    now = datetime.now(UTC)
    photos = {
        "j1.jpg": jpeg(scene(81), exif=exif(at=now - timedelta(days=31), place=(35.9, 112.41))),
        "j2.jpg": jpeg(scene(82), exif=exif("Adobe Photoshop 26.0 (Windows)")),
    }
    claims = {
        "j1.jpg": {"captured_at": now, "position": near(at=now), "source": "gallery"},
        "j2.jpg": {"captured_at": now, "position": near(5, at=now), "source": "camera"},
    }
    asked = reviewer.asked(brings(cast, crew, photos, claims))

    assert {code: doubt["items"][0]["names"] for code, doubt in asked.items()} == {
        "photo.from-gallery": ["j1.jpg"],
        "photo.edited": ["j2.jpg"],
        "photo.time-differs": ["j1.jpg"],
        "photo.place-differs": ["j1.jpg"],
    }
    assert asked["photo.time-differs"]["items"][0]["details"]["minutes"] == pytest.approx(31 * 1440, abs=1)
    assert asked["photo.place-differs"]["items"][0]["details"]["distance_m"] > 40_000
    assert asked["photo.edited"]["items"][0]["details"] == {"software": "Adobe Photoshop 26.0 (Windows)"}


def test_a_clock_set_back_two_days_is_asked_about(cast, crew, reviewer):
    lead = crew[0]
    task = visit_task(cast, *crew, opens_on=clock.today() - timedelta(days=20))
    lead.pulls()
    wall = datetime.now(UTC) - timedelta(days=2)

    record = brings(
        cast,
        crew,
        on("set back"),
        task=task,
        arrive=False,
        time=RevisionTime(wall, 130_000, "b", lead.beacon, 70_000),
    )

    asked = reviewer.asked(record)
    assert set(asked) == {"clock.flagged"}
    (item,) = asked["clock.flagged"]["items"]
    assert item["details"]["flags"] == ["clock_offset", "wall_before_beacon"]
    assert item["details"]["wall"] < item["details"]["not_before"]
    assert "早于已取得的时间凭据" in item["message"]


def test_a_question_that_was_answered_is_not_asked_again_until_there_is_more(cast, crew, reviewer, session):
    claims = {name: {"source": "gallery"} for name in ("j1.jpg", "j2.jpg")}
    record = brings(cast, crew, on("answered"), claims, arrive=False)
    doubt = reviewer.asked(record)["photo.from-gallery"]

    told = reviewer.answers_doubt(record, doubt, fine=True, note="相册原图，已与本人核实")

    assert told["state"] == "answered"
    (given,) = told["answers"]
    assert (given["fine"], given["note"]) == (True, "相册原图，已与本人核实")
    assert reviewer.asked(record)["photo.from-gallery"] == told
    assert told["id"] == doubt["id"]
    query = select(audit.AuditEntry).where(audit.AuditEntry.action == "doubt.answered")
    (fact,) = session.scalars(query.where(audit.AuditEntry.subject == str(record)))
    assert fact.actor == reviewer.username
    assert {name: fact.details[name] for name in ("doubt", "code", "fine", "note")} == {
        "doubt": doubt["id"],
        "code": "photo.from-gallery",
        "fine": True,
        "note": "相册原图，已与本人核实",
    }

    reviewer.returns(record, {"/data/markers[2]/photo": "看不清"})
    crew[0].syncs()
    crew[0].corrects(record, {"/data/markers[2]/photo": "j2.jpg"}, claims=claims)
    crew[0].pushes()
    again = reviewer.asked(record)["photo.from-gallery"]
    assert (again["state"], len(again["items"]), len(again["answers"])) == ("open", 2, 1)
    assert reviewer.answers_doubt(record, doubt, fine=True, expect=404)["code"] == "doubt.not-found"
    assert reviewer.answers_doubt(record, again, fine=False)["state"] == "answered"


def test_open_questions_hold_nothing_up_and_are_kept_with_the_approval(cast, crew, reviewer, session):
    claims = {"j1.jpg": {"source": "gallery", "position": near(accuracy=0)}}
    record = brings(cast, crew, on("approved"), claims)
    asked = reviewer.asked(record)
    reviewer.answers_doubt(record, asked["position.accuracy"], fine=True)

    assert reviewer.accepts(record)["state"] == "final"

    (decision,) = session.scalars(select(Decision).where(Decision.record_id == record))
    left = asked["photo.from-gallery"]
    keys = [item["key"] for item in left["items"]]
    assert decision.open_doubts == [{"id": left["id"], "code": "photo.from-gallery", "keys": keys}]
    query = select(audit.AuditEntry.details).where(audit.AuditEntry.action == "record.finished")
    told = session.scalars(query.where(audit.AuditEntry.subject == str(record))).one()
    assert told["open_doubts"] == decision.open_doubts
    states = {code: doubt["state"] for code, doubt in reviewer.asked(record).items()}
    assert states == {"photo.from-gallery": "passed", "position.accuracy": "answered"}
    refused = reviewer.answers_doubt(record, left, fine=True, expect=409)
    assert refused["code"] == "record.not-under-review"


def test_questions_are_for_reviewers_alone(cast, crew, reviewer):
    lead, second = crew
    now = datetime.now(UTC)
    declared = Declarations(
        (
            Recusal(str(lead.person_id), "no_interest", "主检", str(lead.person_id), now),
            Recusal(str(second.person_id), "recused", "协检", "another phone"),
        ),
        (Override(("两名以上持证检查人员",), "证件换发中", str(lead.person_id), now),),
    )
    claims = {"j1.jpg": {"source": "gallery"}}
    record = brings(cast, crew, on("private"), claims, arrive=False, declarations=declared)
    shown = reviewer.reads(record)["declarations"]
    assert [(each["name"], each["answer"], each["on_name"]) for each in shown["recusal"]] == [
        ("主检", "no_interest", lead.session["user"]["name"]),
        ("协检", "recused", None),
    ]
    assert [(each["reason"], each["name"]) for each in shown["overrides"]] == [
        ("证件换发中", lead.session["user"]["name"])
    ]
    found = reviewer.asked(record)
    assert [each["message"] for each in found["inspection.recused"]["items"]] == ["协检：声明需要回避"]
    assert "证件换发中" in found["inspection.overridden"]["items"][0]["message"]
    doubt = found["photo.from-gallery"]
    address = f"/api/v1/records/{record}/doubts/{doubt['id']}/answer"

    assert crew[0].get(f"/api/v1/records/{record}")["doubts"] is None
    assert crew[0].post(address, {"fine": True}, expect=403)["code"] == "access.denied"
    auditor = cast.signed_in(Role.AUDITOR)
    assert len(auditor.get(f"/api/v1/records/{record}")["doubts"]) == 3
    assert auditor.post(address, {"fine": True}, expect=403)["code"] == "access.denied"
    foreign = supervisor(cast, region="130800")
    refused = foreign.answers_doubt(record, doubt, fine=True, expect=403)
    assert refused["code"] == "access.outside-jurisdiction"
    assert reviewer.post(address, {"note": "x"}, expect=422)["code"] == "request.invalid"
    assert reviewer.asked(record)["photo.from-gallery"]["answers"] == []


def test_whoever_was_at_the_visit_is_not_asked_about_it(cast):
    both = phones(cast, 2, Role.SUPERVISOR)
    record = brings(cast, both, on("own"), {"j1.jpg": {"source": "gallery"}}, arrive=False)
    assert both[1].get(f"/api/v1/records/{record}")["doubts"] is None


def test_reading_a_record_costs_as_many_queries_with_six_photos_as_with_two(cast, crew, reviewer, session):
    few = brings(cast, crew, on("few"), honest())
    markers = [{"marker_no": f"J{n}", "state": "intact", "photo": f"p{n}.jpg"} for n in range(6)]
    pictures = {f"p{n}.jpg": photo(1000 + n) for n in range(6)}
    many = brings(cast, crew, pictures, answers=visit_answers() | {"/data/markers": markers})
    brings(cast, crew, {"j1.jpg": pictures["p4.jpg"], "j2.jpg": pictures["p5.jpg"]})

    counts = {}
    for name, record in (("few", few), ("many", many)):
        reviewer.reads(record)
        with Statements(session) as seen:
            found = reviewer.reads(record)["doubts"]
        counts[name] = len(seen)
    assert [len(doubt["items"]) for doubt in found] == [2]
    assert counts["many"] == counts["few"]


class Statements:
    """The statements that a session's connection runs."""

    def __init__(self, session):
        self.connection, self.seen = session.get_bind(), []

    def __enter__(self):
        event.listen(self.connection, "before_cursor_execute", self.note)
        return self.seen

    def __exit__(self, *_):
        event.remove(self.connection, "before_cursor_execute", self.note)

    def note(self, _connection, _cursor, statement, *_):
        self.seen.append(statement)
