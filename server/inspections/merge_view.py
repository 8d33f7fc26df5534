"""A merge in words: places with their titles, and what each version has there."""

from collections.abc import Iterable
from typing import TypeVar

from forms import Answer, AnswerGroup, FindingKind, Place, PlaceKind, QuestionKind
from forms.answers.tree import answers_in
from server.db import Json, JsonList
from server.inspections.merging import Merging, Read
from sync.merge import Automatic, Clash, Taken

Told = TypeVar("Told", Automatic, Clash, Taken)

_UNREAD = frozenset({FindingKind.UNKNOWN, FindingKind.DUPLICATE})


def in_order(merging: Merging, found: Iterable[Told]) -> list[Told]:
    """Put what is told about places in the order of the form."""
    order = {path: number for number, path in enumerate(merging.beside.places)}
    return sorted(found, key=lambda each: order[each.path])


def place_as_json(merging: Merging, path: str) -> Json:
    """Write a place with what heads and bases have there."""
    place = merging.beside.places[path]
    return {
        "path": path,
        "unit": place.kind.value,
        "titles": dict(place.titles),
        "values": values_as_json(merging, place, merging.heads),
        "bases": values_as_json(merging, place, merging.proposal.bases),
    }


def values_as_json(merging: Merging, place: Place, revs: Iterable[str]) -> JsonList:
    """Write what each version has at a place; `value` is null where it has nothing."""
    return [{"rev": rev, "value": _value(place, merging.read[rev], rev)} for rev in revs]


def unread_as_json(merging: Merging) -> JsonList:
    """Write what stands in heads and has no place in the form: a merge does not carry it."""
    return [
        {"rev": rev, **finding.as_json()}
        for rev in merging.heads
        for finding in merging.read[rev].answers.misfits
        if finding.kind in _UNREAD
    ]


def _value(place: Place, read: Read, rev: str) -> Json | None:
    found = place.found.get(rev, ())
    if not found:
        return None
    if place.kind is PlaceKind.ANSWER:
        return _answer(found[0], read) if isinstance(found[0], Answer) else None
    return {"rows": [_row(row, read) for row in found if isinstance(row, AnswerGroup)]}


def _row(row: AnswerGroup, read: Read) -> JsonList:
    return [
        {
            "path": answer.path.removeprefix(row.path),
            "titles": dict(answer.question.labels),
            **_answer(answer, read),
        }
        for answer in answers_in(row)
        if answer.text and answer.question.kind not in {QuestionKind.NOTE, QuestionKind.CALCULATE}
    ]


def _answer(answer: Answer, read: Read) -> Json:
    written = answer.as_json()
    shown = {name: written[name] for name in ("kind", "value", "text", "display")}
    files = {entry["name"]: entry for entry in read.row.media} if answer.question.is_media else {}
    return shown | {"file": files.get(answer.text)}
