"""Rules about devices: what their numbers tell of evidence that was copied, set back, or never came."""

from collections.abc import Iterator

from forms.geodesy import Words
from server import clock
from server.inspections.counters import BROKEN, Placed, Twin
from server.inspections.models import OperationReuse
from server.review.doubts import limits
from server.review.doubts.case import Case, Version
from server.review.doubts.kinds import Code, Item


def doubt_devices(case: Case) -> Iterator[Item]:
    """Ask about the numbers of all versions of a record."""
    for twin, is_visible in case.counting.twins:
        yield _doubt_twin(twin, is_visible=is_visible)
    for version in case.versions:
        if BROKEN in version.flags:
            yield _doubt_link(version)
    for reuse in case.counting.reuses:
        yield _doubt_operation(reuse)
    for place in case.counting.places:
        if place.number - place.before - 1 >= limits.LARGE_GAP:
            yield _doubt_gap(place)


def _doubt_twin(twin: Twin, *, is_visible: bool) -> Item:
    short, other = _short(twin.rev), _short(twin.other)
    words = Words(
        f"第 {twin.number} 号：版本 {short} 与 {other}", f"Number {twin.number}: versions {short} and {other}"
    )
    told: dict[str, str | bool | None] = {"elsewhere": True}
    if is_visible:
        record = str(twin.record_id) if twin.record_id else None
        told = {"other": twin.other, "record": record, "received_at": clock.iso(twin.received_at)}
    else:
        words = Words(
            f"第 {twin.number} 号：版本 {short} 与辖区外记录中的另一版本",
            f"Number {twin.number}: version {short} and one of a record outside of your jurisdiction",
        )
    details = {"rev": twin.rev, "number": twin.number} | told
    return Item(Code.COUNTER_REUSED, (), words, details, (twin.rev, twin.other))


def _doubt_link(version: Version) -> Item:
    short = _short(version.rev)
    words = Words(f"版本 {short} 所写的前一版本不符", f"Version {short} names another one before it")
    return Item(Code.CHAIN_BROKEN, (), words, {"rev": version.rev}, (version.rev,))


def _doubt_operation(reuse: OperationReuse) -> Item:
    short = _short(reuse.rev or "")
    words = Words(
        f"版本 {short} 曾以已用过的操作编号送来", f"Version {short} came under an operation id that was spent"
    )
    details = {"rev": reuse.rev, "op": str(reuse.op), "at": clock.iso(reuse.at)}
    return Item(Code.OPERATION_REUSED, (), words, details, (str(reuse.op), reuse.rev or ""))


def _doubt_gap(place: Placed) -> Item:
    first, last = place.before + 1, place.number - 1
    words = Words(
        f"版本 {_short(place.rev)} 之前缺第 {first} 至 {last} 号（{last - first + 1} 个）",
        f"Before version {_short(place.rev)} numbers {first} to {last} are missing ({last - first + 1})",
    )
    details = {"rev": place.rev, "first": first, "last": last, "missing": last - first + 1}
    return Item(Code.GAP, (), words, details, (place.rev, str(first), str(last)))


def _short(rev: str) -> str:
    return rev.removeprefix("sha256:")[:12]
