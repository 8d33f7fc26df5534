"""Rules about clocks. The phone's own clock is compared with what bounds it; nothing is corrected."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from forms.geodesy import Words
from server import clock
from server.review.doubts import limits
from server.review.doubts.case import Case, Seen, Version, minutes
from server.review.doubts.kinds import Code, Item
from sync import CLOCK_FLAGS

_FLAGS = {
    "beacon_unreadable": Words("时间凭据无法核验", "its time token can't be checked"),
    "beacon_after_receipt": Words("时间凭据晚于送达", "its time token is later than its receipt"),
    "mono_inconsistent": Words(
        "手机计时器与时间凭据不符", "its forward-only clock contradicts its time token"
    ),
    "clock_offset": Words("手机时钟与推算时间相差过大", "its wall clock is far from the estimate"),
    "wall_before_beacon": Words(
        "手机时钟早于已取得的时间凭据", "its wall clock is before its own time token"
    ),
    "wall_after_receipt": Words("手机时钟晚于送达时间", "its wall clock is after its receipt"),
    "wall_moved_backwards": Words(
        "手机时钟早于上一版本", "its wall clock is before that of the version before"
    ),
}


def doubt_times(case: Case) -> Iterator[Item]:
    """Ask about the clocks of a record: of all its versions when sealed, of the files of this one when captured."""
    for version in case.versions:
        yield from _doubt_sealing(version)
    yield from _doubt_turned_back(case)
    for each in case.seen:
        yield from _doubt_capture(case, each)


def _doubt_sealing(version: Version) -> Iterator[Item]:
    flags = [flag for flag in CLOCK_FLAGS if flag in version.flags]
    if not flags:
        return
    wall = clock.iso(version.wall) if version.wall else None
    words = Words(
        f"手机时间 {wall}，收到 {clock.iso(version.received_at)}：{'；'.join(_FLAGS[flag].zh for flag in flags)}",
        f"Sealed at {wall} by the phone, received {clock.iso(version.received_at)}:"
        f" {'; '.join(_FLAGS[flag].en for flag in flags)}",
    )
    details = {"rev": version.rev, "flags": flags, "wall": wall, **version.clock}
    yield Item(Code.CLOCK_FLAGGED, (), words, details, (version.rev,))


def _doubt_turned_back(case: Case) -> Iterator[Item]:
    """Compare both clocks from capture to capture within one boot, and up to the sealing."""
    sealing = case.sealed.time
    readings = [
        (entry.captured_boot, entry.captured_mono, entry.captured_at, entry.name)
        for entry in case.sealed.media
        if entry.captured_boot and entry.captured_mono is not None and entry.captured_at
    ]
    if sealing.boot and sealing.mono is not None:
        readings.append((sealing.boot, sealing.mono, sealing.wall, ""))
    readings.sort(key=lambda each: each[:2])
    for (boot, mono, wall, name), (next_boot, next_mono, next_wall, next_name) in pairwise(readings):
        back = timedelta(milliseconds=next_mono - mono) - (next_wall - wall)
        if boot != next_boot or back <= limits.TURNED_BACK:
            continue
        names = tuple(each for each in (name, next_name) if each)
        words = Words(
            f"{name or '封存'} 之后时钟被调回约 {minutes(back)} 分钟",
            f"After {name or 'the sealing'} the clock was turned back by about {minutes(back)} minutes",
        )
        yield Item(Code.CLOCK_TURNED_BACK, names, words, {"minutes": minutes(back)})


def _doubt_capture(case: Case, seen: Seen) -> Iterator[Item]:
    entry, taken_at = seen.entry, seen.taken_at
    captured_at = entry.captured_at or taken_at
    if captured_at is not None:
        yield from _doubt_moment(case, seen, captured_at)
    if entry.captured_at is None or taken_at is None:
        return
    apart = taken_at - entry.captured_at
    if abs(apart) > limits.CLOCK_TOLERANCE:
        words = Words(
            f"{entry.name}：相机 {clock.iso(taken_at)}，手机 {clock.iso(entry.captured_at)}",
            f"{entry.name}: {clock.iso(taken_at)} by the camera, {clock.iso(entry.captured_at)} by the phone",
        )
        details = {
            "camera": clock.iso(taken_at),
            "phone": clock.iso(entry.captured_at),
            "minutes": minutes(apart),
            "offset_known": "captured_at" in seen.facts,
        }
        yield Item(Code.TIME_DIFFERS, (entry.name,), words, details)


def _doubt_moment(case: Case, seen: Seen, captured_at: datetime) -> Iterator[Item]:
    """Place a capture between the task's first and last day, and before its sealing and its receipt."""
    received_at, slack = case.received_at(seen.entry.sha256), limits.CLOCK_TOLERANCE
    bounds = {
        "before_task": (captured_at < case.opens_at - slack, Words("早于任务开始", "before the task began")),
        "after_receipt": (captured_at > received_at + slack, Words("晚于送达", "after its receipt")),
        "after_sealing": (
            captured_at > case.sealed.time.wall + slack,
            Words("晚于记录封存", "after the record was sealed"),
        ),
        "after_task": (captured_at > case.ends_at + slack, Words("晚于任务截止", "after the task was due")),
    }
    sides = [side for side, (is_outside, _) in bounds.items() if is_outside]
    if not sides:
        return
    name, moment = seen.entry.name, clock.iso(captured_at)
    words = Words(
        f"{name}：{moment}，{'，'.join(bounds[side][1].zh for side in sides)}",
        f"{name}: {moment}, {', '.join(bounds[side][1].en for side in sides)}",
    )
    details = {
        "captured_at": moment,
        "sides": sides,
        "opens_at": clock.iso(case.opens_at),
        "ends_at": clock.iso(case.ends_at),
        "received_at": clock.iso(received_at),
    }
    yield Item(Code.OUTSIDE_VISIT, (name,), words, details, (moment, *sides))
