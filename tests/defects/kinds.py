"""What is planted in records that are otherwise honest, kind by kind, and where a reviewer sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from forms import Geopoint
from sync import MeanOfFixes, RawFix, RevisionTime
from tests.defects.visits import METRE, Visit, near, with_exif

MINE, SURVEY = "mine_overstep", "survey_quality"
Dossier = Mapping[str, Any]


@dataclass(frozen=True)
class Defect:
    """One kind: `plant` bends a visit, given an honest one that the same phone made before; `shows` finds it.

    `touches` name what it bends, so that several can be planted in one record. `tells_of_both`: the earlier visit is asked
    about as well, and rightly.
    """

    name: str
    form: str
    touches: frozenset[str]
    plant: Callable[[Visit, Visit], None]
    shows: Callable[[Dossier], bool]
    tells_of_both: bool = False


def asked(code: str) -> Callable[[Dossier], bool]:
    """A question of the machine."""
    return lambda dossier: any(each["code"] == code for each in dossier["doubts"])


def found(kind: str, path: str) -> Callable[[Dossier], bool]:
    """A finding of the form's rules at an answer."""
    return lambda dossier: any(each["kind"] == kind and path in each["path"] for each in dossier["findings"])


def suspected(path: str, verdicts: frozenset[str]) -> Callable[[Dossier], bool]:
    """A verdict on a measured position."""
    return lambda dossier: any(
        each["kind"] == "position" and path in each["path"] and each["details"]["state"] in verdicts
        for each in dossier["findings"]
    )


def blocked(code: str) -> Callable[[Dossier], bool]:
    """Something that stands against accepting it."""
    return lambda dossier: any(each["code"] == code for each in dossier["blocks"])


# Photos


def _same_bytes(visit: Visit, earlier: Visit) -> None:
    visit.becomes(visit.photos[0], earlier.file(earlier.photos[0]).data)


def _resaved(visit: Visit, earlier: Visit) -> None:
    visit.becomes(visit.photos[1], with_exif(earlier.file(earlier.photos[1]).data, quality=55))


def _twice(visit: Visit, _: Visit) -> None:
    visit.becomes(visit.photos[2], visit.file(visit.photos[3]).data)


def _signature(visit: Visit, earlier: Visit) -> None:
    visit.becomes("sign-company.png", earlier.file("sign-company.png").data)


def _gallery(visit: Visit, _: Visit) -> None:
    visit.says(visit.photos[0], source="gallery")


def _edited(visit: Visit, _: Visit) -> None:
    name = visit.photos[0]
    visit.becomes(name, with_exif(visit.file(name).data, "Adobe Photoshop 26.0"))


def _camera_time(visit: Visit, _: Visit) -> None:
    name = visit.photos[1]
    at = visit.entries[name].captured_at
    assert at is not None
    visit.becomes(name, with_exif(visit.file(name).data, at=at - timedelta(hours=5)))


def _camera_place(visit: Visit, _: Visit) -> None:
    name = visit.photos[2]
    place = (visit.position.latitude + 6000 * METRE, visit.position.longitude)
    visit.becomes(name, with_exif(visit.file(name).data, place=place))


def _before_task(visit: Visit, _: Visit) -> None:
    visit.says(visit.photos[4], captured_at=visit.begins - timedelta(days=60), position=None)


def _outside_stay(visit: Visit, _: Visit) -> None:
    visit.says(visit.photos[3], captured_at=visit.begins - timedelta(hours=4), position=None)


# Positions and clocks


def _far(visit: Visit, _: Visit) -> None:
    visit.says(visit.photos[0], position=near(visit.position, 12_000))


def _elsewhere(visit: Visit, _: Visit) -> None:
    visit.position = near(visit.position, 0, 15_000)
    for name, entry in visit.entries.items():
        if entry.position is not None:
            visit.says(name, position=near(entry.position, 0, 15_000))


def _mock(visit: Visit, _: Visit) -> None:
    visit.position = replace(visit.position, is_mock=True)


def _zero(visit: Visit, _: Visit) -> None:
    visit.position = replace(visit.position, accuracy=0.0)


def _repeated(visit: Visit, _: Visit) -> None:
    first, *others = visit.photos[:3]
    place = visit.entries[first].position
    assert place is not None
    for name in others:
        entry = visit.entries[name]
        assert entry.position is not None
        again = replace(entry.position, latitude=place.latitude, longitude=place.longitude)
        visit.says(name, position=again)


def _too_fast(visit: Visit, _: Visit) -> None:
    name = visit.photos[1]
    fix = visit.entries[name].position
    before = visit.entries[visit.photos[0]].position
    assert fix is not None
    assert before is not None
    assert before.at is not None
    at = before.at + timedelta(seconds=40)
    visit.says(name, position=near(fix, 0, 9_000, at=at), captured_at=at, captured_mono=None)


def _fix_apart(visit: Visit, _: Visit) -> None:
    fix = visit.entries[visit.photos[2]].position
    assert fix is not None
    assert fix.at is not None
    visit.says(visit.photos[2], position=replace(fix, at=fix.at - timedelta(minutes=40)))


def _mean(visit: Visit, _: Visit) -> None:
    told = visit.answers["/data/points"][0]["position"]
    fixes = tuple(
        RawFix(told.latitude + (30 + n) * METRE, told.longitude, 4.0, 700.0, 1000 * n) for n in range(12)
    )
    # As the form writes it: the answer is known by how it begins.
    text = f"{told.latitude!r} {told.longitude!r}"
    mean = MeanOfFixes(text, visit.begins, fixes)
    visit.bends.append(lambda revision: replace(revision, measurements=(mean,)))


def _marker(visit: Visit, place: int) -> tuple[dict[str, Any], tuple[float, float]]:
    row = visit.answers["/data/markers"][place]
    registered = next(each for each in visit.registered if each["marker_no"] == row["marker_no"])
    latitude, longitude = (float(each) for each in registered["point"].split()[:2])
    return row, (latitude, longitude)


def _as_registered(visit: Visit, _: Visit) -> None:
    row, (latitude, longitude) = _marker(visit, 0)
    row["meas"] = Geopoint(latitude, longitude, 712.0, 4.0)


def _displaced(visit: Visit, _: Visit) -> None:
    row, (latitude, longitude) = _marker(visit, 1)
    row["meas"] = Geopoint(round(latitude + 60 * METRE, 8), longitude, 712.0, 4.0)


def _outside_licence(visit: Visit, _: Visit) -> None:
    row = visit.answers["/data/points"][0]
    told = row["position"]
    row["position"] = Geopoint(told.latitude + 5000 * METRE, told.longitude, 712.0, 4.0)


def _clock(visit: Visit, _: Visit) -> None:
    def bend(revision: Any) -> Any:
        time = revision.time
        wall = time.wall - timedelta(days=2)
        return replace(revision, time=RevisionTime(wall, time.mono, time.boot, time.beacon, time.beacon_mono))

    visit.bends.append(bend)


def _turned_back(visit: Visit, _: Visit) -> None:
    first, second = visit.photos[2:4]
    mono = visit.entries[first].captured_mono
    assert mono is not None
    visit.says(second, captured_mono=mono + 90 * 60_000)


# Visits


def _short(visit: Visit, _: Visit) -> None:
    _ends(visit, visit.begins + timedelta(minutes=6))


def _ends(visit: Visit, ends: Any) -> None:
    step = (ends - visit.begins) / (len(visit.entries) + 1)
    visit.ends = ends
    visit.answers["/data/statement"]["end_at"] = ends
    for place, (name, entry) in enumerate(list(visit.entries.items()), start=1):
        at = visit.begins + step * place
        fix = None if entry.position is None else replace(entry.position, at=at)
        mono = 1_000_000_000 + int((at - visit.begins).total_seconds() * 1000)
        visit.says(name, captured_at=at, position=fix, captured_mono=mono)


def _moves_to(visit: Visit, begins: Any) -> None:
    """The same visit at another hour of the day."""
    later = begins - visit.begins
    visit.begins, visit.ends = visit.begins + later, visit.ends + later
    visit.answers["/data/visit"]["start_at"] = visit.begins
    visit.answers["/data/statement"]["end_at"] = visit.ends
    assert visit.position.at is not None
    visit.position = replace(visit.position, at=visit.position.at + later)
    for name, entry in list(visit.entries.items()):
        assert entry.captured_at is not None
        fix = entry.position
        moved = replace(fix, at=fix.at + later) if fix and fix.at else fix
        visit.says(name, captured_at=entry.captured_at + later, position=moved)


def _overlaps(visit: Visit, earlier: Visit) -> None:
    _moves_to(visit, earlier.begins + timedelta(minutes=15))


def _way(visit: Visit, earlier: Visit) -> None:
    _moves_to(visit, earlier.ends - timedelta(minutes=12))


def _copied(visit: Visit, earlier: Visit) -> None:
    for group, answers in earlier.answers.items():
        if isinstance(answers, dict) and group in visit.answers:
            kept = {"start_at", "end_at", "place", "place_position"}
            for name, value in answers.items():
                if name not in kept and not str(value).endswith((".jpg", ".png")):
                    visit.answers[group][name] = value
    for mine, theirs in zip(
        visit.answers["/data/instruments"], earlier.answers["/data/instruments"], strict=True
    ):
        mine |= {name: value for name, value in theirs.items() if name != "photo"}


# Answers


def _no_photo(visit: Visit, _: Visit) -> None:
    name = visit.answers["/data/markers"][2].pop("photo_near")
    visit.entries.pop(name)


def _contradiction(visit: Visit, _: Visit) -> None:
    visit.answers["/data/conclusions"]["BOUNDARY_MARKER"] = {"answer": "conform"}


def _not_displaced(visit: Visit, _: Visit) -> None:
    visit.answers["/data/markers"][3]["displaced"] = "not_displaced"


def _end_first(visit: Visit, _: Visit) -> None:
    visit.answers["/data/statement"]["end_at"] = visit.begins - timedelta(minutes=30)


def _computed(visit: Visit, _: Visit) -> None:
    visit.amended["/data/task/obj_name"] = "某某测绘公司"


def _unlisted(visit: Visit, _: Visit) -> None:
    visit.entries.pop(visit.photos[1])


def _never_came(visit: Visit, _: Visit) -> None:
    visit.kept_back.add(visit.photos[2])


def _unsigned(visit: Visit, _: Visit) -> None:
    visit.answers["/data/sign"].pop("inspector2")
    visit.entries.pop("sign-inspector2.png")


def _defect(
    name: str, form: str, touches: str, plant: Callable[[Visit, Visit], None], shows: Any, **more: Any
) -> Defect:
    return Defect(name, form, frozenset(touches.split()), plant, shows, **more)


_OUTSIDE = frozenset({"suspected", "confirmed"})
DEFECTS = (
    _defect("a photo of another visit", SURVEY, "photo0", _same_bytes, asked("photo.same-bytes"), tells_of_both=True),
    _defect("a photo of another visit, saved anew", SURVEY, "photo1", _resaved, asked("photo.alike"), tells_of_both=True),
    _defect("one photo in two places", MINE, "photo2 photo3", _twice, asked("photo.same-bytes")),
    _defect("a signature of another visit", MINE, "signature", _signature, asked("photo.same-bytes"), tells_of_both=True),
    _defect("a photo from the gallery", SURVEY, "source0", _gallery, asked("photo.from-gallery")),
    _defect("an edited photo", MINE, "photo0", _edited, asked("photo.edited")),
    _defect("a camera of another hour", MINE, "photo1", _camera_time, asked("photo.time-differs")),
    _defect("a camera at another place", MINE, "photo2", _camera_place, asked("photo.place-differs")),
    _defect("a photo from before the task", MINE, "time4", _before_task, asked("capture.outside-visit")),
    _defect("a photo from before the visit", MINE, "time3", _outside_stay, asked("capture.outside-stay")),
    _defect("a photo taken far away", MINE, "fix0", _far, asked("position.far")),
    _defect("a visit made elsewhere", SURVEY, "place fix0 fix1 fix2 stay", _elsewhere, asked("position.far")),
    _defect("a made-up position", SURVEY, "place", _mock, asked("position.mock")),
    _defect("an accuracy of zero", MINE, "place", _zero, asked("position.accuracy")),
    _defect("the same fix again and again", SURVEY, "fix0 fix1 fix2 stay", _repeated, asked("position.repeated")),
    _defect("nine kilometres in forty seconds", SURVEY, "fix0 fix1 time1 stay", _too_fast, asked("position.too-fast")),
    _defect("a fix of forty minutes ago", MINE, "fix2", _fix_apart, asked("position.fix-apart")),
    _defect("a mean that is none", MINE, "point", _mean, asked("position.mean-differs")),
    _defect("a marker copied from the register", MINE, "marker0", _as_registered, asked("position.as-registered")),
    _defect("a marker out of tolerance", MINE, "marker1", _displaced, suspected("markers[2]/meas", _OUTSIDE)),
    _defect("a point outside the licence", MINE, "point", _outside_licence, suspected("points[1]/position", _OUTSIDE)),
    _defect("a changed clock", SURVEY, "clock", _clock, asked("clock.flagged")),
    _defect("a clock turned back", MINE, "time2 time3", _turned_back, asked("clock.turned-back")),
    _defect("a visit of six minutes", SURVEY, "stay fix0 fix1 fix2 time1", _short, asked("visit.short")),
    _defect("two visits at once", SURVEY, "stay", _overlaps, asked("visit.overlaps"), tells_of_both=True),
    _defect("a way that nobody drives", MINE, "stay", _way, asked("visit.too-fast"), tells_of_both=True),
    _defect("answers copied from another site", SURVEY, "words", _copied, asked("answers.copied"), tells_of_both=True),
    _defect("a mandatory photo is missing", MINE, "marker2", _no_photo, found("required", "markers[3]/photo_near")),
    _defect("conform, with a marker gone", MINE, "conclusion", _contradiction, found("constraint", "BOUNDARY_MARKER")),
    _defect("a phone that excludes a displacement", MINE, "marker3", _not_displaced, found("constraint", "markers[4]/displaced")),
    _defect("an end before the beginning", MINE, "stay", _end_first, found("constraint", "statement/end_at")),
    _defect("a computed answer that was changed", SURVEY, "computed", _computed, found("calculate", "task/obj_name")),
    _defect("a photo that no list names", SURVEY, "photo1 entry1", _unlisted, found("media_missing", "")),
    _defect("a photo that never comes", MINE, "photo2 sent", _never_came, blocked("media.missing")),
    _defect("without the second signature", MINE, "signed", _unsigned, blocked("signature.missing")),
)  # fmt: skip
