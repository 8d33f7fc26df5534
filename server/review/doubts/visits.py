"""Rules about the visit as a whole: how long it took, what else its phone did then, and what was answered at the next place."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from forms.geodesy import Words, ground_distance
from server import clock
from server.db import Json
from server.review.doubts import limits
from server.review.doubts.case import Beside, Case, Seen, Stay, minutes
from server.review.doubts.kinds import Code, Item
from server.review.doubts.places import certain_distance

_ELSEWHERE = Words("另一任务（不在您的管辖范围内）", "another task (outside your jurisdiction)")


def doubt_visits(case: Case) -> Iterator[Item]:
    """Ask about the stay that was answered, and about the visits that the same phone brought before and after."""
    if case.stay is not None:
        yield from _doubt_length(case.stay)
        for each in case.seen:
            yield from _doubt_outside(case, case.stay, each)
    for beside in case.beside:
        yield from _doubt_overlap(case, beside)
        yield from _doubt_way(case, beside)
        yield from _doubt_copied(case, beside)
    for path, label in case.as_registered:
        words = Words(f"{label}：与登记坐标逐位相同", f"{label}: exactly the registered coordinates")
        yield Item(Code.AS_REGISTERED, (), words, {"path": path})


def _doubt_length(stay: Stay) -> Iterator[Item]:
    """Only what happens on the site takes its time there."""
    if stay.is_on_site and timedelta(0) < stay.ends - stay.begins < limits.SHORTEST_STAY:
        took = minutes(stay.ends - stay.begins)
        words = Words(
            f"开始到结束 {took} 分钟",
            f"{took} minutes from beginning to end",
        )
        yield Item(Code.SHORT, (), words, {"minutes": took})


def _doubt_outside(case: Case, stay: Stay, seen: Seen) -> Iterator[Item]:
    """Place a capture in the stay; what was taken again for a correction came later, and may."""
    captured_at = seen.entry.captured_at or seen.taken_at
    if captured_at is None or seen.entry.sha256 not in case.first_files:
        return
    if captured_at < stay.begins - limits.AROUND_STAY:
        side, words = "before_stay", Words("早于检查开始", "before the inspection began")
    elif captured_at > stay.ends + limits.AROUND_STAY:
        side, words = "after_stay", Words("晚于检查结束", "after the inspection ended")
    else:
        return
    name, moment = seen.entry.name, clock.iso(captured_at)
    told = Words(f"{name}：{moment}，{words.zh}", f"{name}: {moment}, {words.en}")
    details = {"captured_at": moment, "begins": clock.iso(stay.begins), "ends": clock.iso(stay.ends)}
    yield Item(Code.OUTSIDE_STAY, (name,), told, details | {"side": side})


def _doubt_overlap(case: Case, beside: Beside) -> Iterator[Item]:
    mine, other = case.stay, beside.stay
    if mine is None or other is None or not (mine.is_on_site and other.is_on_site):
        return
    together = min(mine.ends, other.ends) - max(mine.begins, other.begins)
    if together > limits.OVERLAP:
        task = _task(beside)
        words = Words(
            f"与{task.zh}的检查时间重叠 {minutes(together)} 分钟",
            f"{minutes(together)} minutes at the same time as {task.en}",
        )
        yield _item(Code.OVERLAPS, beside, words, {"minutes": minutes(together)})


def _doubt_way(case: Case, beside: Beside) -> Iterator[Item]:
    """Compare where the phone was in both records, by the two fixes that lie closest in time."""
    pairs = [
        (abs((fix.at - other.at).total_seconds()), fix.position, other)
        for fix in case.fixes
        for other in beside.positions
        if fix.at is not None and other.at is not None
    ]
    if not pairs:
        return
    seconds, mine, other = min(pairs, key=lambda pair: pair[0])
    certain = certain_distance(mine, other)
    if certain is None or certain <= limits.SHORTEST_WAY_M or certain <= limits.FASTEST_M_PER_S * seconds:
        return
    distance = ground_distance((mine.latitude, mine.longitude), (other.latitude, other.longitude))
    task = _task(beside)
    words = Words(
        f"与{task.zh}之间：{seconds / 60:.0f} 分钟内至少移动 {certain / 1000:.1f} 公里",
        f"From or to {task.en}: at least {certain / 1000:.1f} km in {seconds / 60:.0f} minutes",
    )
    yield _item(
        Code.WAY_TOO_FAST, beside, words, {"distance_m": round(distance, 1), "seconds": round(seconds, 1)}
    )


def _doubt_copied(case: Case, beside: Beside) -> Iterator[Item]:
    """Ask where nearly everything that a person wrote stands word for word in the record of another object."""
    same = [path for path, told in case.written.items() if beside.answers.get(path) == told]
    enough = max(limits.COPIED_AT_LEAST, limits.COPIED_SHARE * len(case.written))
    if beside.answers and len(same) >= enough:
        task = _task(beside)
        words = Words(
            f"自填的 {len(case.written)} 项中有 {len(same)} 项与{task.zh}逐字相同",
            f"{len(same)} of {len(case.written)} answers that were written are those of {task.en}, word for word",
        )
        yield _item(Code.COPIED, beside, words, {"same": len(same), "of": len(case.written)})


def _task(beside: Beside) -> Words:
    if not beside.visible:
        return _ELSEWHERE
    return Words(
        f"任务 {beside.task_number}（{beside.object_name}）",
        f"task {beside.task_number} ({beside.object_name})",
    )


def _item(code: Code, beside: Beside, words: Words, details: Mapping[str, float]) -> Item:
    """Ask about one other record. Of one that the reader may not see, nothing is told but that it exists."""
    told: Json = {"record": str(beside.record_id)} if beside.visible else {"elsewhere": True}
    return Item(code, (), words, told | dict(details))
