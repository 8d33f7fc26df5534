"""Rules about files: used elsewhere, alike, chosen from a gallery, saved by an editor."""

from collections import defaultdict
from collections.abc import Iterator

from forms.geodesy import Words
from server import clock
from server.db import Json
from server.review.doubts import limits
from server.review.doubts.case import Case, Seen, Use
from server.review.doubts.kinds import Code, Item

_CAPTURED = ("image/", "audio/", "video/")
_ELSEWHERE = Words("另一记录（不在您的管辖范围内）", "another record (outside your jurisdiction)")


def is_captured(media_type: str) -> bool:
    """Tell what was captured from a document, which may well be handed in every year."""
    return media_type.startswith(_CAPTURED)


def is_photo(seen: Seen) -> bool:
    """Tell a photo from a signature: everybody's look alike, so that only the very same file is asked about."""
    return seen.entry.type.startswith("image/") and seen.kind != "signature"


def doubt_photos(case: Case) -> Iterator[Item]:
    """Ask about the files of a version."""
    yield from _doubt_twice(case)
    for each in case.seen:
        yield from _doubt_uses(each, case)
        yield from _doubt_alike(each, case)
        yield from _doubt_source(each)


def _doubt_twice(case: Case) -> Iterator[Item]:
    names: dict[str, list[str]] = defaultdict(list)
    for each in case.seen:
        if is_captured(each.entry.type):
            names[each.entry.sha256].append(each.entry.name)
    for sha256, several in names.items():
        if len(several) > 1:
            listed = "、".join(several)
            words = Words(f"{listed} 是同一文件", f"{', '.join(several)} are one file")
            yield Item(Code.SAME_BYTES, tuple(sorted(several)), words, {"sha256": sha256})


def _doubt_uses(seen: Seen, case: Case) -> Iterator[Item]:
    for use in case.uses.get(seen.entry.sha256, ()):
        if use.visible:
            words = Words(
                f"{seen.entry.name}：与 {_use(use).zh} 是同一文件",
                f"{seen.entry.name}: the same file as {_use(use).en}",
            )
        else:
            words = Words(
                f"{seen.entry.name}：{_ELSEWHERE.zh}用过同一文件",
                f"{seen.entry.name}: used in {_ELSEWHERE.en}",
            )
        yield _item(Code.SAME_BYTES, seen, use, words, {})


def _doubt_alike(seen: Seen, case: Case) -> Iterator[Item]:
    if not is_photo(seen):
        return
    for use, difference in case.alike.get(seen.entry.sha256, ()):
        other = _use(use) if use.visible else _ELSEWHERE
        words = Words(
            f"{seen.entry.name}：与 {other.zh} 的照片相近",
            f"{seen.entry.name}: looks like a photo of {other.en}",
        )
        yield _item(Code.ALIKE, seen, use, words, {"difference": round(difference, 3)})


def _item(code: Code, seen: Seen, use: Use, words: Words, details: Json) -> Item:
    """Ask about one other use. Of a record that the reader may not see, nothing is told but that it exists."""
    if not use.visible:
        return Item(code, (seen.entry.name,), words, {"elsewhere": True} | details, ("elsewhere",))
    told = {
        "record": str(use.record_id),
        "task_number": use.task_number,
        "author": use.author,
        "received_at": clock.iso(use.received_at),
        "name": use.name,
        "sha256": use.sha256,
    }
    return Item(code, (seen.entry.name,), words, told | details, (use.sha256, str(use.record_id)))


def _use(use: Use) -> Words:
    day = clock.day_of(use.received_at).isoformat()
    return Words(
        f"任务 {use.task_number}（{use.author}，{day} 收到）的 {use.name}",
        f"{use.name} of task {use.task_number} ({use.author}, received {day})",
    )


def _doubt_source(seen: Seen) -> Iterator[Item]:
    name = seen.entry.name
    if seen.entry.source == "gallery":
        words = Words(f"{name}：从相册选取", f"{name}: chosen from the gallery")
        yield Item(Code.FROM_GALLERY, (name,), words)
    software = seen.facts.get("software") or ""
    if any(editor in software.lower() for editor in limits.EDITORS):
        words = Words(f"{name}：由 {software} 保存", f"{name}: saved by {software}")
        yield Item(Code.EDITED, (name,), words, {"software": software})
