"""The rules behind the questions, each at its edge: when something is asked about, and when not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from forms import Geopoint
from server.review.doubts.case import Beside, Case, Measured, Seen, Stay, Version
from server.review.doubts.means import doubt_means
from server.review.doubts.photos import doubt_photos
from server.review.doubts.places import doubt_positions
from server.review.doubts.times import doubt_times
from server.review.doubts.visits import doubt_visits
from sync import MediaEntry, Position, RawFix, Revision, RevisionTime

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SITE = (35.48661234, 112.41471234)
METRE = 1 / 110_950  # of latitude there, in degrees
MORNING = NOW - timedelta(days=3)


def near(north=0.0, accuracy=4.5, ago=0.0, **more) -> Position:
    """A fix so many metres north of the site, so many minutes ago."""
    at = NOW - timedelta(minutes=ago)
    return Position(SITE[0] + north * METRE, SITE[1], accuracy, at=at, **more)


def entry(name="j1.jpg", ago=None, sha256=None, media_type="image/jpeg", **claims) -> MediaEntry:
    captured_at = None if ago is None else NOW - timedelta(minutes=ago)
    return MediaEntry(
        name, sha256 or name.encode().hex().ljust(64, "0"), 1, media_type, captured_at, **claims
    )


def a_case(*entries, position=None, facts=None, place=None, flags=(), time=None, **changed) -> Case:
    """A version that was sealed and received now, of a task that is open from three days ago for a month."""
    sealed = Revision(
        uuid4(), (), uuid4(), "visit", "1", "inspector1", uuid4(), 1, None,
        time or RevisionTime(NOW), position, "<data/>", entries,
    )  # fmt: skip
    shas = frozenset(each.sha256 for each in entries)
    values = {
        "sealed": sealed,
        "seen": [Seen(each, "image", (facts or {}).get(each.name, {})) for each in entries],
        "versions": [Version("sha256:1", flags, {}, NOW, NOW, shas)],
        "opens_at": MORNING,
        "ends_at": MORNING + timedelta(days=30),
        "place": place,
    }
    return Case(**values | changed)


def asked(case) -> dict:
    """The questions about a case: names and numbers by code."""
    found = {}
    for rule in (doubt_photos, doubt_positions, doubt_means, doubt_times, doubt_visits):
        for item in rule(case):
            found.setdefault(item.code.value, []).append((item.names, item.details))
    return found


@pytest.mark.parametrize(
    ("accuracy", "is_asked"), [(None, True), (0, True), (1000.5, True), (1000, False), (0.02, False)]
)
def test_an_accuracy_that_says_nothing_is_asked_about(accuracy, is_asked):
    found = asked(a_case(entry(position=near(accuracy=accuracy))))
    assert list(found) == (["position.accuracy"] if is_asked else [])
    if is_asked:
        ((names, details),) = found["position.accuracy"]
        assert (names, details["accuracy"]) == (("j1.jpg",), accuracy)


@pytest.mark.parametrize(
    ("north", "accuracy", "is_asked"),
    [(1100, 4.5, True), (1010, 4.5, False), (1900, 500, False), (5000, 500, True), (50_000, 0, False)],
    ids=["beyond doubt", "within the margin", "a bad fix", "far for a bad fix", "nobody knows how bad"],
)
def test_a_fix_is_far_only_by_what_is_certain_of_it(north, accuracy, is_asked):
    found = asked(a_case(position=near(north, accuracy), place=SITE))
    assert ("position.far" in found) is is_asked
    if is_asked:
        ((names, details),) = found["position.far"]
        assert names == ()
        assert details["distance_m"] == pytest.approx(north, rel=0.002)
        assert details["distance_m"] - details["margin_m"] > details["allowed_m"] == 1000


def test_the_camera_stands_in_where_the_phone_has_no_fix():
    facts = {"j1.jpg": {"latitude": 35.9, "longitude": 112.41}}
    assert list(asked(a_case(entry(), facts=facts, place=SITE))) == ["position.far"]
    close = {"j1.jpg": {"latitude": SITE[0] + 1900 * METRE, "longitude": SITE[1]}}
    assert asked(a_case(entry(), facts=close, place=SITE)) == {}


@pytest.mark.parametrize(("apart", "is_asked"), [(900, False), (1100, True)])
def test_the_camera_and_the_phone_may_be_apart_as_far_as_gcj02_is(apart, is_asked):
    facts = {"j1.jpg": {"latitude": SITE[0] + apart * METRE, "longitude": SITE[1]}}
    found = asked(a_case(entry(position=near()), facts=facts))
    assert list(found) == (["photo.place-differs"] if is_asked else [])


@pytest.mark.parametrize(("minutes", "is_asked"), [(1.9, False), (2.1, True)])
def test_the_same_coordinates_minutes_apart_are_asked_about(minutes, is_asked):
    shots = (entry("j1.jpg", minutes, position=near(ago=minutes)), entry("j2.jpg", 0, position=near()))
    found = asked(a_case(*shots))
    assert list(found) == (["position.repeated"] if is_asked else [])
    if is_asked:
        ((names, details),) = found["position.repeated"]
        assert (names, details["minutes"]) == (("j1.jpg", "j2.jpg"), 2.1)


@pytest.mark.parametrize(
    "changed",
    [{"accuracy": 60}, {"latitude": 35.48661, "longitude": 112.41471}, {"at": None}, {"at": NOW}],
    ids=["by wifi", "rounded by the phone", "of no moment", "one fix given twice"],
)
def test_the_same_coordinates_may_be_natural(changed):
    shots = [entry(f"j{n}.jpg", 4 * n, position=replace(near(ago=4 * n), **changed)) for n in range(2)]
    assert asked(a_case(*shots)) == {}


@pytest.mark.parametrize(("seconds", "is_asked"), [(60, True), (600, False)])
def test_nobody_moves_five_kilometres_in_a_minute(seconds, is_asked):
    minutes = seconds / 60
    shots = (entry("j1.jpg", minutes, position=near(ago=minutes)), entry("j2.jpg", 0, position=near(5000)))
    found = asked(a_case(*shots))
    assert list(found) == (["position.too-fast"] if is_asked else [])
    if is_asked:
        ((names, details),) = found["position.too-fast"]
        assert (names, details["seconds"]) == (("j1.jpg", "j2.jpg"), 60)
        assert details["certain_m"] < details["distance_m"]


@pytest.mark.parametrize(
    ("mono", "is_asked"), [(30_000, True), (3_600_000, False)], ids=["half a minute", "an hour"]
)
def test_of_two_clocks_the_one_that_allows_more_counts(mono, is_asked):
    shots = [
        entry("j1.jpg", 0.5, position=near(ago=0.5), captured_mono=0, captured_boot="b"),
        entry("j2.jpg", 0, position=near(5000), captured_mono=mono, captured_boot="b"),
    ]
    assert ("position.too-fast" in asked(a_case(*shots))) is is_asked


def test_jumps_between_walls_are_no_movement():
    shots = (entry("j1.jpg", 0.1, position=near(ago=0.1)), entry("j2.jpg", 0, position=near(990)))
    assert asked(a_case(*shots)) == {}


@pytest.mark.parametrize(("ago", "is_asked"), [(4.9, False), (5.1, True), (-5.1, True)])
def test_a_fix_that_is_not_of_the_capture_is_asked_about(ago, is_asked):
    found = asked(a_case(entry(ago=10, position=near(ago=10 + ago))))
    assert list(found) == (["position.fix-apart"] if is_asked else [])


@pytest.mark.parametrize(
    ("captured_ago", "sides"),
    [
        (60 * 24 * 3 + 11, ["before_task"]),
        (60 * 24 * 3 + 9, None),
        (0, None),
        (-9, None),
        (-11, ["after_receipt", "after_sealing"]),
        (-60 * 24 * 28, ["after_receipt", "after_sealing", "after_task"]),
    ],
)
def test_a_capture_outside_the_visit_is_asked_about(captured_ago, sides):
    found = asked(a_case(entry(ago=captured_ago)))
    assert list(found) == (["capture.outside-visit"] if sides else [])
    if sides:
        assert found["capture.outside-visit"][0][1]["sides"] == sides


def test_a_capture_is_bounded_by_the_first_version_that_vouched_for_it():
    shot = entry(ago=30)
    shas = frozenset({shot.sha256})
    moments = (NOW - timedelta(hours=2), NOW)
    versions = [Version(f"sha256:{at}", (), {}, at, at, shas) for at in moments]
    found = asked(a_case(shot, versions=versions))
    assert found["capture.outside-visit"][0][1]["sides"] == ["after_receipt"]


def test_where_the_phone_tells_no_moment_the_camera_does():
    local = {"captured_local": "2026-11-10T09:00:00"}
    found = asked(a_case(entry(), facts={"j1.jpg": local}))
    assert found["capture.outside-visit"][0][1]["captured_at"] == "2026-11-10T01:00:00.000Z"


@pytest.mark.parametrize(("apart", "is_asked"), [(9.9, False), (10.1, True), (-10.1, True)])
@pytest.mark.parametrize("offset_known", [True, False])
def test_a_camera_whose_clock_is_not_the_phones_is_asked_about(apart, is_asked, offset_known):
    taken = NOW - timedelta(minutes=30 + apart)
    told = (
        {"captured_at": taken.isoformat()}
        if offset_known
        else {"captured_local": (taken + timedelta(hours=8)).replace(tzinfo=None).isoformat()}
    )
    found = asked(a_case(entry(ago=30), facts={"j1.jpg": told}))
    assert list(found) == (["photo.time-differs"] if is_asked else [])
    if is_asked:
        assert found["photo.time-differs"][0][1]["offset_known"] is offset_known


def shots_by_both_clocks(wall_minutes, mono_minutes, boots=("b", "b")):
    """Two captures that are so far apart by the wall clock and by the forward-only one."""
    mono = int(mono_minutes * 60_000)
    return (
        entry("j1.jpg", 30, captured_mono=0, captured_boot=boots[0]),
        entry("j2.jpg", 30 - wall_minutes, captured_mono=mono, captured_boot=boots[1]),
    )


@pytest.mark.parametrize(
    ("wall", "mono", "is_asked"),
    [(-60, 1, True), (1, 3.1, True), (1, 2.9, False), (20, 1, False)],
    ids=["an hour back", "two minutes back", "less", "the phone slept"],
)
def test_a_clock_turned_back_between_two_captures_is_asked_about(wall, mono, is_asked):
    found = asked(a_case(*shots_by_both_clocks(wall, mono), time=RevisionTime(NOW + timedelta(minutes=40))))
    turned = [names for names, _ in found.get("clock.turned-back", [])]
    assert turned == ([("j1.jpg", "j2.jpg")] if is_asked else [])


def test_clocks_of_two_boots_have_nothing_to_do_with_each_other():
    assert asked(a_case(*shots_by_both_clocks(1, 20, ("a", "b")))) == {}


def test_a_clock_turned_back_before_the_sealing_is_asked_about():
    shot = entry(ago=0, captured_mono=0, captured_boot="b")
    back = RevisionTime(NOW - timedelta(minutes=5), 60_000, "b")
    assert asked(a_case(shot, time=back))["clock.turned-back"] == [(("j1.jpg",), {"minutes": 6})]


def test_every_flag_of_a_clock_is_told_in_words():
    flags = ["wall_moved_backwards", "not_assigned", "beacon_unreadable"]
    ((names, details),) = asked(a_case(flags=flags))["clock.flagged"]
    assert names == ()
    assert details["flags"] == ["beacon_unreadable", "wall_moved_backwards"]
    assert asked(a_case(flags=["not_assigned"])) == {}


def test_one_file_under_two_names_is_asked_about_unless_it_is_a_document():
    shots = [entry(f"j{n}.jpg", sha256="ab" * 32) for n in (2, 1)]
    ((names, _),) = asked(a_case(*shots))["photo.same-bytes"]
    assert names == ("j1.jpg", "j2.jpg")
    pages = [entry(f"p{n}.pdf", sha256="ab" * 32, media_type="application/pdf") for n in (1, 2)]
    assert asked(a_case(*pages)) == {}


@pytest.mark.parametrize(
    ("software", "is_asked"),
    [
        ("Adobe Photoshop 26.0", True),
        ("美图秀秀 11.2", True),
        ("ALN-AL00 4.2.0.130", False),
        ("HDR+ 1.0", False),
    ],
)
def test_editors_are_asked_about_and_firmware_is_not(software, is_asked):
    found = asked(a_case(entry(), facts={"j1.jpg": {"software": software}}))
    assert list(found) == (["photo.edited"] if is_asked else [])


def test_a_photo_without_any_exif_is_nothing_odd():
    assert asked(a_case(entry(ago=5, source="camera"))) == {}
    assert list(asked(a_case(entry(ago=5, source="gallery")))) == ["photo.from-gallery"]


#: Two good fixes and one that is twice as bad and 3 m off, as receivers give them.
RAW = (
    RawFix(SITE[0], SITE[1], 4.0, 700.0, 0),
    RawFix(SITE[0] + 3 * METRE, SITE[1], 8.0, None, 1000),
    RawFix(SITE[0], SITE[1], 4.0, 710.0, 2000),
)
MEAN = SITE[0] + 3 * METRE * (1 / 64) / (1 / 16 + 1 / 64 + 1 / 16)


def mean_asked(fixes=RAW, latitude=MEAN, accuracy=4.0):
    told = Geopoint(round(latitude, 8), round(SITE[1], 8), None, accuracy)
    found = asked(a_case(measured=[Measured("/data/m[1]/meas", "实测位置[1]", told, fixes)]))
    assert set(found) <= {"position.mean-differs"}
    return [set(details) - {"path", "fixes"} for _, details in found.get("position.mean-differs", [])]


def test_a_mean_that_follows_from_its_fixes_is_not_asked_about():
    assert mean_asked() == []
    assert (
        mean_asked(fixes=[replace(each, accuracy=0.0) for each in RAW], latitude=SITE[0] + METRE, accuracy=0)
        == []
    )
    assert mean_asked(fixes=()) == []
    walked = [replace(RAW[0], latitude=SITE[0] + 40 * n * METRE, accuracy=4.0 + n) for n in range(30)]
    assert mean_asked(fixes=walked, latitude=SITE[0]) == [], "the best fix where no mean is wanted"


def test_a_mean_its_accuracy_and_their_scatter_are_held_against_the_fixes():
    assert mean_asked(latitude=MEAN + 0.3 * METRE) == [{"distance_m"}]
    assert mean_asked(accuracy=2.0) == [{"accuracy_m", "of_fixes_m"}]
    assert mean_asked(accuracy=None) == [{"accuracy_m", "of_fixes_m"}]
    far = [replace(RAW[0], latitude=SITE[0] + (40 if n % 2 else -40) * METRE) for n in range(30)]
    assert mean_asked(fixes=far, latitude=SITE[0]) == [{"scatter_m", "of_fixes_m"}]


def a_stay(begins_ago=90.0, ends_ago=20.0, *, on_site=True) -> Stay:
    return Stay(NOW - timedelta(minutes=begins_ago), NOW - timedelta(minutes=ends_ago), on_site)


def beside(position=None, stay=None, answers=None, *, visible=True) -> Beside:
    """The record of another object that the same phone brought."""
    positions = () if position is None else (position,)
    return Beside(uuid4(), "阳检-7", "某矿", visible, stay, positions, answers or {})


@pytest.mark.parametrize(
    ("minutes", "on_site", "is_asked"), [(14, True, True), (15, True, False), (5, False, False)]
)
def test_a_visit_is_short_only_on_the_site(minutes, on_site, is_asked):
    found = asked(a_case(stay=a_stay(60, 60 - minutes, on_site=on_site)))
    assert list(found) == (["visit.short"] if is_asked else [])


@pytest.mark.parametrize(
    ("ago", "side"), [(90 + 59, None), (90 + 61, "before_stay"), (0, None), (-41, "after_stay")]
)
def test_a_capture_has_an_hour_around_the_visit(ago, side):
    sealed = RevisionTime(NOW + timedelta(minutes=50))
    found = asked(a_case(entry(ago=ago), stay=a_stay(), time=sealed)).get("capture.outside-stay", [])
    assert [details["side"] for _, details in found] == ([side] if side else [])


def test_what_was_taken_again_for_a_correction_may_be_later():
    first, again = entry("j1.jpg", 30), entry("j2.jpg", -45)
    versions = [
        Version("sha256:1", (), {}, NOW, NOW - timedelta(hours=1), frozenset({first.sha256})),
        Version("sha256:2", (), {}, NOW, NOW, frozenset({first.sha256, again.sha256})),
    ]
    assert "capture.outside-stay" not in asked(a_case(first, again, stay=a_stay(), versions=versions))


@pytest.mark.parametrize(("other", "is_asked"), [((200, 69), True), ((200, 71), False), ((19, 0), False)])
def test_a_phone_is_at_one_inspection_at_a_time(other, is_asked):
    found = asked(a_case(stay=a_stay(), beside=[beside(stay=a_stay(*other))]))
    assert list(found) == (["visit.overlaps"] if is_asked else [])
    at_a_desk = a_stay(*other, on_site=False)
    assert asked(a_case(stay=a_stay(), beside=[beside(stay=at_a_desk)])) == {}


@pytest.mark.parametrize(("minutes", "is_asked"), [(3, True), (6, False)])
def test_nobody_drives_ten_kilometres_in_three_minutes_from_one_inspection_to_the_next(minutes, is_asked):
    there = beside(near(10_000, ago=30))
    found = asked(a_case(entry(ago=30 - minutes, position=near(ago=30 - minutes)), beside=[there]))
    assert list(found) == (["visit.too-fast"] if is_asked else [])


def test_what_was_written_is_compared_with_the_next_objects_record():
    written = {f"/data/{n}": f"第 {n} 项的说明" for n in range(10)}
    stock = dict(list(written.items())[:7])
    assert asked(a_case(written=written, beside=[beside(answers=stock)])) == {}
    ((names, details),) = asked(
        a_case(written=written, beside=[beside(answers=written | {"/data/0": "另"})])
    )["answers.copied"]
    assert (names, details["same"], details["of"]) == ((), 9, 10)
    few = dict(list(written.items())[:5])
    assert asked(a_case(written=few, beside=[beside(answers=few)])) == {}


def test_of_a_record_elsewhere_only_its_existence_is_told():
    item = next(doubt_visits(a_case(stay=a_stay(), beside=[beside(stay=a_stay(), visible=False)])))
    assert "某矿" not in item.words.zh
    assert "阳检-7" not in item.words.zh
    assert set(item.details) == {"elsewhere", "minutes"}
