"""What versions that brought others together took from whom: read out of the bytes, however they were made."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from forms import QuestionKind
from server.db import Json, JsonList
from server.inspections.merge_view import in_order, values_as_json
from server.inspections.merging import Merging, graphs_of, lay_heads
from server.inspections.models import Record, Revision
from sync import Content


def resolutions_of(session: Session, record: Record, versions: Sequence[Revision]) -> JsonList:
    """Tell of each version with several parents whence it has what its parents differ in, and what is new in it."""
    joins = [each for each in versions if len(each.parents) > 1]
    if not joins:
        return []
    graph = graphs_of(session, [record.id]).get(record.id, {})
    return [_resolution(session, graph, join) for join in joins]


def _resolution(session: Session, graph: Mapping[str, Collection[str]], join: Revision) -> Json:
    """Write one. `taken` says for each place which parents have the same: none where no parent says so.

    `signatures_carried`: drawn signatures that stood on a parent; whoever signed has not signed this version.
    """
    parents = sorted(parent for parent in join.parents if parent in graph)
    merging = lay_heads(session, graph, parents, beside=[join.rev])
    said = Content(merging.beside.values(join.rev), merging.beside.rows(join.rev))
    return {
        "rev": join.rev,
        "parents": join.parents,
        "bases": merging.proposal.bases,
        "versions_differ": merging.beside.form is None,
        "taken": [
            {
                "path": each.path,
                "titles": merging.beside.places[each.path].titles,
                "from": each.heads,
                "values": values_as_json(
                    merging, merging.beside.places[each.path], [join.rev, *merging.heads]
                ),
            }
            for each in in_order(merging, merging.proposal.taken(said))
        ],
        "signatures_carried": _carried(merging, join.rev),
    }


def _carried(merging: Merging, rev: str) -> list[str]:
    """Name the signatures of a version whose very picture stands on one of the versions it came of."""
    join = merging.read[rev].filled
    before = {sha256 for head in merging.heads for sha256 in merging.read[head].filled.files.values()}
    return [
        answer.path
        for answer in join.answers
        if answer.question.kind is QuestionKind.SIGNATURE and join.files.get(answer.text) in before
    ]
