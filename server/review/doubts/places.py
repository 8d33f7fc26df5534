"""Rules about positions. A distance counts only by what is certain of it: without both margins (99.9 %, 0012)."""

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from forms.geodesy import LicencePolygon, Measurement, MeasuringMethod, Words, ground_distance
from server import clock
from server.review.doubts import limits
from server.review.doubts.case import Case, Fix, Seen, minutes
from server.review.doubts.kinds import Code, Item
from sync import MediaEntry, Position

Point = tuple[float, float]
_RECORD = Words("记录", "the record")


def doubt_positions(case: Case) -> Iterator[Item]:
    """Ask about the positions of a version."""
    for fix in case.fixes:
        yield from _doubt_mock(fix)
        yield from _doubt_accuracy(fix)
        yield from _doubt_distance(case, fix)
    yield from _doubt_repeated(case)
    yield from _doubt_speed(case)
    for each in case.seen:
        yield from _doubt_age(each.entry)
        yield from _doubt_camera(case, each)


def _doubt_mock(fix: Fix) -> Iterator[Item]:
    if fix.position.is_mock:
        words = Words(f"{fix.name or _RECORD.zh}：模拟位置", f"{fix.name or _RECORD.en}: made up")
        yield Item(Code.MOCK, fix.names, words, _place(fix.position))


def _doubt_accuracy(fix: Fix) -> Iterator[Item]:
    accuracy = fix.position.accuracy
    if accuracy is None:
        words = Words("未报告精度", "no accuracy is told")
    elif accuracy == 0:
        words = Words("精度报为 0 米", "its accuracy is told as 0 m")
    elif accuracy > limits.LEAST_ACCURACY_M:
        words = Words(f"精度 {accuracy:.0f} 米", f"its accuracy is {accuracy:.0f} m")
    else:
        return
    told = Words(f"{fix.name or _RECORD.zh}：{words.zh}", f"{fix.name or _RECORD.en}: {words.en}")
    yield Item(Code.ACCURACY, fix.names, told, {"accuracy": accuracy} | _place(fix.position))


def _doubt_distance(case: Case, fix: Fix) -> Iterator[Item]:
    margin = _margin(fix.position)
    if case.place is not None and margin is not None:
        yield from _compare_with_place(case.place, fix.name, _point(fix.position), margin)


def _compare_with_place(
    place: LicencePolygon | Point, name: str | None, here: Point, margin: float
) -> Iterator[Item]:
    if isinstance(place, LicencePolygon):
        distance, most = max(0.0, place.signed_distance(*here)), limits.FAR_FROM_AREA_M
    else:
        distance, most = ground_distance(place, here), limits.FAR_FROM_PLACE_M
    if distance - margin > most:
        words = Words(
            f"{name or _RECORD.zh}：距登记位置 {distance:.0f} 米（误差不超过 {margin:.0f} 米）",
            f"{name or _RECORD.en}: {distance:.0f} m from the registered place (within {margin:.0f} m)",
        )
        details = {"distance_m": round(distance, 1), "margin_m": round(margin, 1), "allowed_m": most}
        yield Item(Code.FAR, (name,) if name else (), words, details)


def _doubt_repeated(case: Case) -> Iterator[Item]:
    at_same: dict[tuple[float, float], list[Fix]] = defaultdict(list)
    for fix in case.fixes:
        latitude, longitude = _point(fix.position)
        is_rounded = all(round(each, limits.REPEATED_DECIMALS) == each for each in (latitude, longitude))
        is_coarse = (fix.position.accuracy or 0.0) > limits.REPEATED_ACCURACY_M
        if fix.position.at is not None and not is_rounded and not is_coarse:
            at_same[round(latitude, 8), round(longitude, 8)].append(fix)
    for (latitude, longitude), fixes in at_same.items():
        moments = [fix.position.at for fix in fixes if fix.position.at is not None]
        apart = max(moments) - min(moments)
        if apart < limits.REPEATED_AFTER:
            continue
        words = Words(
            f"{len(fixes)} 次定位在 {minutes(apart)} 分钟内坐标完全相同",
            f"{len(fixes)} fixes over {minutes(apart)} minutes have exactly the same coordinates",
        )
        names = tuple(sorted(fix.name for fix in fixes if fix.name is not None))
        details = {"latitude": latitude, "longitude": longitude, "minutes": minutes(apart)}
        yield Item(Code.REPEATED, names, words, details)


def _doubt_speed(case: Case) -> Iterator[Item]:
    """Compare fixes that follow each other by either clock; of the two, the longer time counts."""
    by_wall = sorted((fix for fix in case.fixes if fix.at), key=lambda fix: fix.at or clock.now())
    by_mono = sorted(
        (fix for fix in case.fixes if fix.boot and fix.mono is not None), key=lambda fix: fix.mono or 0
    )
    pairs = [*pairwise(by_wall), *((a, b) for a, b in pairwise(by_mono) if a.boot == b.boot)]
    found: dict[str, Item] = {}
    for earlier, later in pairs:
        item = _compare(earlier, later)
        if item is not None:
            found.setdefault(item.key, item)
    yield from found.values()


def _compare(earlier: Fix, later: Fix) -> Item | None:
    certain = certain_distance(earlier.position, later.position)
    seconds = _seconds_between(earlier, later)
    if certain is None or certain <= limits.SHORTEST_WAY_M or certain <= limits.FASTEST_M_PER_S * seconds:
        return None
    words = Words(
        f"{earlier.name or _RECORD.zh} 与 {later.name or _RECORD.zh}：{seconds:.0f} 秒内至少移动 {certain:.0f} 米",
        f"{earlier.name or _RECORD.en} and {later.name or _RECORD.en}: at least {certain:.0f} m in {seconds:.0f} s",
    )
    distance = ground_distance(_point(earlier.position), _point(later.position))
    details = {"distance_m": round(distance, 1), "certain_m": round(certain, 1), "seconds": round(seconds, 1)}
    return Item(Code.TOO_FAST, tuple(sorted((*earlier.names, *later.names))), words, details)


def certain_distance(one: Position, other: Position) -> float | None:
    """Return the metres that two fixes are apart without both margins; None where an accuracy is not known."""
    margins = _margin(one), _margin(other)
    if margins[0] is None or margins[1] is None:
        return None
    return ground_distance(_point(one), _point(other)) - margins[0] - margins[1]


def _seconds_between(earlier: Fix, later: Fix) -> float:
    """Count the seconds between two fixes by the clock that says more: a phone's forward-only clock may sleep."""
    seconds = 1.0
    if earlier.at and later.at:
        seconds = max(seconds, abs((later.at - earlier.at).total_seconds()))
    if earlier.boot == later.boot and earlier.mono is not None and later.mono is not None:
        seconds = max(seconds, abs(later.mono - earlier.mono) / 1000)
    return seconds


def _doubt_age(entry: MediaEntry) -> Iterator[Item]:
    if entry.position is None or entry.position.at is None or entry.captured_at is None:
        return
    apart = entry.position.at - entry.captured_at
    if abs(apart) > limits.FIX_APART:
        words = Words(
            f"{entry.name}：定位与拍摄相差 {minutes(apart)} 分钟",
            f"{entry.name}: fix and capture are {minutes(apart)} minutes apart",
        )
        yield Item(Code.FIX_APART, (entry.name,), words, {"minutes": minutes(apart)})


def _doubt_camera(case: Case, seen: Seen) -> Iterator[Item]:
    """Compare where the camera says it was with the phone's fix, or with the object where there is none."""
    name, position, camera = seen.entry.name, seen.entry.position, seen.taken_from
    if camera is None:
        return
    if position is None:
        if case.place is not None:
            yield from _compare_with_place(case.place, name, camera, limits.CAMERA_APART_M)
        return
    margin, distance = _margin(position), ground_distance(_point(position), camera)
    if margin is not None and distance - margin > limits.CAMERA_APART_M:
        words = Words(
            f"{name}：相机记录的位置距手机定位 {distance:.0f} 米",
            f"{name}: the camera's position is {distance:.0f} m from the phone's",
        )
        details = {
            "distance_m": round(distance, 1),
            "margin_m": round(margin, 1),
            "allowed_m": limits.CAMERA_APART_M,
        }
        yield Item(Code.PLACE_DIFFERS, (name,), words, details)


def _margin(position: Position) -> float | None:
    """Return the metres beyond which the truth lies once in a thousand, None where the accuracy is not known."""
    radius = position.accuracy
    if radius is None or not math.isfinite(radius):
        return None
    return Measurement(MeasuringMethod.PHONE, radius).margin()


def _point(position: Position) -> Point:
    return position.latitude, position.longitude


def _place(position: Position) -> dict[str, float]:
    return {"latitude": position.latitude, "longitude": position.longitude}
