"""The heads of records in conflict laid beside each other, with the proposal how they come together.

Revisions never change, so what heads and bases come to is read once by a process and remembered.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from forms import (
    Answers,
    Beside,
    Filled,
    Form,
    Instance,
    MigrationError,
    UnreadableInstance,
    lay_apart,
    lay_beside,
    migrate_instance,
    parse_instance,
    read_answers,
)
from server.checklists import service as checklists
from server.checklists.models import FormVersion
from server.db import Json
from server.inspections.desk import TAKEN
from server.inspections.models import Record, Revision
from server.inspections.signatures import GROUP
from sync import Content, Proposal, bases_of, partings, propose, read_revision
from sync import Revision as Sealed
from sync.revision import MAX_PARENTS

log = logging.getLogger("merestone.inspections")

Graph = Mapping[str, Collection[str]]
Rows = Mapping[str, tuple[Revision, FormVersion]]

_REMEMBERED: Final = 1024
Key = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
"""Heads, and what each of their pairs parted from: more does not go into a proposal."""

_counts: dict[Key, Json] = {}


@dataclass(frozen=True)
class Read:
    """A revision as it was sealed, read by its form."""

    row: Revision
    sealed: Sealed
    form: Form
    instance: Instance
    filled: Filled

    @property
    def answers(self) -> Answers:
        """The answers of the version."""
        return self.filled.answers


@dataclass(frozen=True)
class Merging:
    """Heads beside each other. `read` holds them and the bases; `beside.form` is None where their versions differ.

    `more_heads`: how many there are beside these; one revision names at most sixteen.
    """

    proposal: Proposal
    beside: Beside
    read: Mapping[str, Read]
    more_heads: int

    @property
    def heads(self) -> tuple[str, ...]:
        """The heads that come together, sorted."""
        return self.proposal.heads


def merging_of(session: Session, record: Record) -> Merging:
    """Lay the heads of a record beside each other, in a handful of queries."""
    graph = graphs_of(session, [record.id]).get(record.id, {})
    heads = sorted(record.heads)[:MAX_PARENTS]
    return lay_heads(session, graph, heads, more_heads=len(record.heads) - len(heads))


def lay_heads(
    session: Session, graph: Graph, heads: Sequence[str], beside: Collection[str] = (), more_heads: int = 0
) -> Merging:
    """Lay heads, with what they parted from, beside each other and beside further revisions that come of them."""
    bases = bases_of(graph, heads)
    rows = _rows(session, {*heads, *bases, *beside})
    return _merging(rows, graph, heads, bases, beside, more_heads)


def merge_counts(session: Session, heads_of: Mapping[UUID, Collection[str]]) -> dict[UUID, Json]:
    """Say for records in conflict, by their heads, how much of it is automatic; few queries, none for no record.

    One that fails is left out, for the sake of the pull that it is in.
    """
    conflicted = {record_id: sorted(heads)[:MAX_PARENTS] for record_id, heads in heads_of.items()}
    graphs = graphs_of(session, conflicted)
    keys = {
        each: (tuple(heads), tuple(partings(graphs[each], heads).values()))
        for each, heads in conflicted.items()
    }
    told = {key: found for key in keys.values() if (found := _counts.get(key)) is not None}
    fresh = {record_id: key for record_id, key in keys.items() if key not in told}
    rows = _rows(session, {rev for heads, parted in fresh.values() for rev in chain(heads, *parted)})
    for record_id, (heads, parted) in fresh.items():
        try:
            told[heads, parted] = _count(rows, graphs[record_id], heads)
        except Exception:
            log.exception("a merge can't be counted", extra={"record": str(record_id)})
    _remember(told)
    return {record_id: told[key] for record_id, key in keys.items() if key in told}


def graphs_of(session: Session, record_ids: Collection[UUID]) -> dict[UUID, dict[str, Collection[str]]]:
    """Read the graphs of some records: the parents of every revision that was taken."""
    graphs: dict[UUID, dict[str, Collection[str]]] = {record_id: {} for record_id in record_ids}
    if not graphs:
        return graphs
    query = select(Revision.record_id, Revision.rev, Revision.parents).where(
        Revision.record_id.in_(graphs), Revision.status.in_(TAKEN)
    )
    for record_id, rev, parents in session.execute(query):
        if record_id is not None:
            graphs[record_id][rev] = parents
    return graphs


def _rows(session: Session, revs: Collection[str]) -> Rows:
    """Fetch taken revisions with the forms they were filled in with, in two queries; none for none."""
    if not revs:
        return {}
    query = select(Revision).where(Revision.rev.in_(revs)).options(undefer(Revision.data))
    rows = session.scalars(query).all()
    forms = checklists.known(session, {(row.form_id or "", row.form_version or "") for row in rows})
    return {row.rev: (row, forms[row.form_id or "", row.form_version or ""]) for row in rows}


def _read(row: Revision, form: Form) -> Read:
    sealed = read_revision(row.data)
    instance = parse_instance(sealed.xml.encode("utf-8"))
    files = {entry.name: entry.sha256 for entry in sealed.media}
    return Read(row, sealed, form, instance, Filled(read_answers(form, instance), files))


def _merging(
    rows: Rows,
    graph: Graph,
    heads: Sequence[str],
    bases: Sequence[str],
    beside: Collection[str] = (),
    more_heads: int = 0,
) -> Merging:
    # Versions are told apart by their forms: one object each, whatever the process forgets meanwhile.
    form_of = cache(checklists.read)

    def read(rev: str) -> Read:
        row, version = rows[rev]
        return _read(row, form_of(version))

    own = {rev: read(rev) for rev in (*heads, *beside)}
    form = next(iter(own.values())).form
    left_out = [f"{form.root.path}/{GROUP}"]
    if any(each.form is not form for each in own.values()):
        laid = lay_apart({rev: each.filled for rev, each in own.items()}, left_out)
        return Merging(propose(_contents(laid, heads), {}, graph), laid, own, more_heads)
    of_bases = {rev: read(rev) for rev in bases}
    parted = {rev: found for rev in bases if (found := _as_of(of_bases[rev], form)) is not None}
    laid = lay_beside(form, {rev: each.filled for rev, each in own.items()} | parted, left_out)
    proposal = propose(_contents(laid, heads), _contents(laid, parted), graph)
    return Merging(proposal, laid, own | {rev: of_bases[rev] for rev in parted}, more_heads)


def _as_of(base: Read, form: Form) -> Filled | None:
    """Return a base in the form version of the heads; None where it cannot be read so."""
    if base.form is form:
        return base.filled
    try:
        moved = migrate_instance(base.sealed.xml.encode("utf-8"), base.form, form)
        return Filled(read_answers(form, parse_instance(moved.xml)), base.filled.files)
    except (MigrationError, UnreadableInstance):
        return None


def _contents(beside: Beside, revs: Iterable[str]) -> dict[str, Content]:
    return {rev: Content(beside.values(rev), beside.rows(rev)) for rev in revs}


def _count(rows: Rows, graph: Graph, heads: Sequence[str]) -> Json:
    bases = bases_of(graph, heads)
    merging = _merging(rows, graph, heads, bases)
    return {
        "base": bases[0] if len(bases) == 1 else None,
        "automatic": len(merging.proposal.automatic),
        "clashes": len(merging.proposal.clashes),
        "versions_differ": merging.beside.form is None,
    }


def _remember(counted: Mapping[Key, Json]) -> None:
    """Keep what was counted; the oldest go when there are too many."""
    _counts.update(counted)
    for key in list(_counts)[: max(0, len(_counts) - _REMEMBERED)]:
        _counts.pop(key, None)
