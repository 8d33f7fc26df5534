"""The three-way merge of a record's heads: a proposal for a person, never a result.

Heads are compared flat, path by path, with what they parted from. Paths name rows (instances of repeats) by what
tells them apart and never by their place. What only one side changed, or all changed alike, is automatic;
everything else is a clash that shows every value. Nothing is decided by time, by rank or by length, and nothing
drops out unseen.

**Several heads, several bases.** Heads are compared in pairs, each pair with the revisions it parted from. In a
pair the value that stood there before loses; where neither did, both lose. A path is automatic if one value loses
nowhere. So a change that somebody took back on purpose clashes with the change, and where a pair has several bases
(criss-cross) a path is automatic only if it is so, to the same value, against every one of them.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import combinations

from sync.dag import Known, nearest_common_ancestors

Value = Hashable
"""An opaque value, compared as a whole: a text, a shape, a file with its hash. None is blank."""


@dataclass(frozen=True)
class Content:
    """What one revision says: values by path, and the paths of its rows.

    What is in a row has a path that begins with the row's and a slash. Blank answers are left out.
    """

    leaves: Mapping[str, Value] = field(default_factory=dict)
    rows: frozenset[str] = frozenset()

    def at(self, row: str) -> "Content | None":
        """Return a row with all that is in it; None when there is no such row."""
        return self._by_row.get(row)

    @cached_property
    def _by_row(self) -> Mapping[str, "Content"]:
        leaves: dict[str, dict[str, Value]] = {row: {} for row in self.rows}
        rows: dict[str, set[str]] = {row: {row} for row in self.rows}
        for path, value in self.leaves.items():
            for row in _around(path):
                if row in leaves:
                    leaves[row][path] = value
        for path in self.rows:
            for row in _around(path):
                if row in rows:
                    rows[row].add(path)
        return {row: Content(leaves[row], frozenset(rows[row])) for row in self.rows}


class ChangeKind(StrEnum):
    """What happens at an automatic path."""

    CHANGED = "changed"
    ROW_ADDED = "row_added"
    ROW_DELETED = "row_deleted"


class ClashKind(StrEnum):
    """Why a person has to choose."""

    BOTH_CHANGED = "both_changed"
    EDIT_AGAINST_DELETE = "edit_against_delete"
    NO_BASE = "no_base"


@dataclass(frozen=True)
class Automatic:
    """A path at which nothing is to choose; `heads` are those that say so: they changed it, and alike."""

    path: str
    change: ChangeKind
    heads: tuple[str, ...]

    @property
    def row(self) -> bool:
        """Tell whether a whole row comes or goes."""
        return self.change is not ChangeKind.CHANGED


@dataclass(frozen=True)
class Clash:
    """A path at which a person chooses one of `heads`; `row`: with the whole row, or without it."""

    path: str
    kind: ClashKind
    heads: tuple[str, ...]
    row: bool = False


@dataclass(frozen=True)
class Taken:
    """Whence a resolution has what stands at a path: the heads that say the same; none where it is new."""

    path: str
    row: bool
    heads: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """How heads come together, by path; a row comes before what is in it.

    `bases` are what the pairs of heads parted from, `contents` those of all heads and bases.
    """

    heads: tuple[str, ...]
    bases: tuple[str, ...]
    automatic: tuple[Automatic, ...]
    clashes: tuple[Clash, ...]
    contents: Mapping[str, Content] = field(repr=False)

    def sources(self, choices: Mapping[str, str]) -> dict[str, str]:
        """Return the head to take each listed path from. `choices`: the one for each clash, by path.

        Raises ValueError for a clash without one.
        """
        unchosen = [clash.path for clash in self.clashes if choices.get(clash.path) not in clash.heads]
        if unchosen:
            raise ValueError(f"no head is chosen for {', '.join(unchosen)}")
        chosen = {clash.path: choices[clash.path] for clash in self.clashes}
        return {each.path: each.heads[0] for each in self.automatic} | chosen

    def resolve(self, choices: Mapping[str, str]) -> Content:
        """Return what the record says once a head is chosen for each clash; ValueError as in `sources`."""
        start = self.contents[self.heads[0]]
        leaves, rows = dict(start.leaves), set(start.rows)
        sources = self.sources(choices)
        for path, is_row in sorted(self._listed()):
            source = self.contents[sources[path]]
            if not is_row:
                leaves[path] = source.leaves.get(path)
                continue
            for head in self.heads:
                there = self.contents[head].at(path) or Content()
                rows -= there.rows
                leaves |= dict.fromkeys(there.leaves)
            taken = source.at(path) or Content()
            rows |= taken.rows
            leaves |= taken.leaves
        return Content({path: value for path, value in leaves.items() if value is not None}, frozenset(rows))

    def taken(self, result: Content) -> tuple[Taken, ...]:
        """Tell whence a resolution has each listed path, and what it says that no head did."""
        listed = self._listed()
        contents = [result, *(self.contents[head] for head in self.heads)]
        others = {(path, False) for each in contents for path in each.leaves}
        others |= {(path, True) for each in contents for path in each.rows}
        told = [Taken(path, row, self._alike(result, path, row=row)) for path, row in listed]
        inside = {path for path, row in listed if row}
        for path, row in others - listed:
            if not inside.intersection(_around(path)):
                each = Taken(path, row, self._alike(result, path, row=row))
                told += [] if each.heads else [each]
        return tuple(sorted(told, key=lambda each: each.path))

    def _listed(self) -> set[tuple[str, bool]]:
        automatic = {(each.path, each.row) for each in self.automatic}
        return automatic | {(clash.path, clash.row) for clash in self.clashes}

    def _alike(self, result: Content, path: str, *, row: bool) -> tuple[str, ...]:
        said = _said(result, path, row=row)
        return tuple(head for head in self.heads if _said(self.contents[head], path, row=row) == said)


def partings(known: Known, heads: Iterable[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return for each pair of heads the revisions it parted from, everything sorted."""
    return {pair: nearest_common_ancestors(known, *pair) for pair in combinations(sorted(heads), 2)}


def bases_of(known: Known, heads: Iterable[str]) -> tuple[str, ...]:
    """Return the revisions that the pairs of some heads parted from, sorted."""
    return tuple(sorted({base for found in partings(known, heads).values() for base in found}))


def propose(heads: Mapping[str, Content], bases: Mapping[str, Content], known: Known) -> Proposal:
    """Propose how heads come together. `bases`: the contents of `bases_of`; without one its pair has none."""
    merge = _Merge(dict(sorted(heads.items())), dict(sorted(bases.items())), known)
    merge.settle()
    return Proposal(
        heads=tuple(merge.heads),
        bases=tuple(merge.bases),
        automatic=tuple(merge.automatic),
        clashes=tuple(merge.clashes),
        contents=merge.bases | merge.heads,
    )


class _Merge:
    """One merge: rows first, the outer before the inner, then the values in the rows that stay."""

    def __init__(self, heads: dict[str, Content], bases: dict[str, Content], known: Known) -> None:
        self.heads, self.bases = heads, bases
        self.automatic: list[Automatic] = []
        self.clashes: list[Clash] = []
        self._settled: set[str] = set()  # rows that go, or that are chosen as a whole
        self._parted = {
            pair: [bases[each] for each in found] if bases.keys() >= set(found) else []
            for pair, found in partings(known, heads).items()
        }

    def settle(self) -> None:
        contents = [*self.heads.values(), *self.bases.values()]
        rows = {path for each in contents for path in each.rows}
        for row in sorted(rows):
            if not self._settled.intersection(_around(row)):
                self._settle_row(row, self._saying(row, rows))
        for path in sorted({path for each in contents for path in each.leaves}):
            if not self._settled.intersection(_around(path)):
                self._settle_leaf(path, self._saying(path, rows))

    def _saying(self, path: str, rows: set[str]) -> list[str]:
        """List the heads that have the row around a path: without it, none has a say in what is in it."""
        row = next((each for each in _around(path) if each in rows), None)
        return [head for head, content in self.heads.items() if row is None or row in content.rows]

    def _settle_row(self, row: str, saying: list[str]) -> None:
        having = [head for head in saying if row in self.heads[head].rows]
        lacking = [head for head in saying if row not in self.heads[head].rows]
        verdicts = {
            verdict for one in having for other in lacking for verdict in self._judge(row, one, other)
        }
        if verdicts <= {ChangeKind.ROW_ADDED} and having:
            if any(row not in base.rows for base in self.bases.values()):
                self.automatic.append(Automatic(row, ChangeKind.ROW_ADDED, tuple(having)))
            return
        self._settled.add(row)
        if verdicts <= {ChangeKind.ROW_DELETED}:
            self.automatic.append(Automatic(row, ChangeKind.ROW_DELETED, tuple(lacking)))
            return
        kind = ClashKind.NO_BASE if ClashKind.NO_BASE in verdicts else ClashKind.EDIT_AGAINST_DELETE
        self.clashes.append(Clash(row, kind, tuple(saying), row=True))

    def _judge(self, row: str, having: str, lacking: str) -> Iterator[ChangeKind | ClashKind]:
        """Say for a head that has a row and one that lacks it who did what, against each of their bases."""
        bases = self._parted[min(having, lacking), max(having, lacking)]
        if not bases:
            yield ClashKind.NO_BASE
        for base in bases:
            was = base.at(row)
            if was is None:
                yield ChangeKind.ROW_ADDED
            else:
                same = was == self.heads[having].at(row)
                yield ChangeKind.ROW_DELETED if same else ClashKind.EDIT_AGAINST_DELETE

    def _settle_leaf(self, path: str, saying: list[str]) -> None:
        values = {head: self.heads[head].leaves.get(path) for head in saying}
        losers: set[Value] = set()
        without_base = False
        for one, other in combinations(saying, 2):
            if values[one] != values[other]:
                bases = self._parted[one, other]
                without_base = without_base or not bases
                losers |= {values[one], values[other]} if not bases else set()
                for base in bases:
                    was = base.leaves.get(path)
                    losers |= {was} if was in (values[one], values[other]) else {values[one], values[other]}
        left = set(values.values()) - losers
        if len(left) != 1:
            kind = ClashKind.NO_BASE if without_base else ClashKind.BOTH_CHANGED
            self.clashes.append(Clash(path, kind, tuple(saying)))
            return
        value = left.pop()
        if losers or any(base.leaves.get(path) != value for base in self.bases.values()):
            heads = tuple(head for head in saying if values[head] == value)
            self.automatic.append(Automatic(path, ChangeKind.CHANGED, heads))


def _said(content: Content, path: str, *, row: bool) -> Value | Content:
    return content.at(path) if row else content.leaves.get(path)


def _around(path: str) -> Iterator[str]:
    """Yield what could be the rows around a path, the nearest first."""
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)
