"""Expanding the row types of ours before pyxform sees a form: `include`, `check_item`, `compare_item`.

`include | <block>` puts the rows of a block of the catalogue in its place, `check_item` one inspection item
(检查事项) and `compare_item` one publicised value beside the checked one. The last two are written down as
patterns in `forms/catalog/blocks/rows`, where `{{column}}` stands for a cell of the author's row and a row
with a word in its column `only` is taken when the item was written so. The lists of a block are added to the
choices, unless the form has a list of that name itself.

What comes out remembers where it came from, so that every mistake is told at a row of the author's own file.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from forms.authoring.findings import AuthoringError, AuthoringFinding
from forms.authoring.item_rows import ITEM_ROWS, BadRowError, ItemRow
from forms.authoring.sheets import Row, Sheet

MAX_ROWS = 5_000
MAX_DEPTH = 3

Library = Callable[[str], "Block | None"]
"""Finds a block by its name; names with `rows/` before them are patterns."""

_BEGIN = re.compile(r"begin[ _]")
_END = re.compile(r"end[ _]")
_BLOCK_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Block:
    """Rows to be put into forms, with the lists they need."""

    survey: Sheet
    choices: Sheet


@dataclass(frozen=True, slots=True)
class ExpandedRow:
    """One row as pyxform sees it, and where it came from.

    `sheet` and `row` stand in the author's file: for what a block brought in, the row that asked for it.
    `block` is None for the author's own rows, else the chain of blocks and rows of ours (`closing`,
    `conclusions/check_item`). `path` is the XForm path of the row's node; None for ends and for choices.
    """

    values: Row
    sheet: str
    row: int
    block: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Expanded:
    """The survey and the choices with nothing of ours left in them."""

    survey: Sheet
    choices: Sheet
    rows: tuple[ExpandedRow, ...]
    choice_rows: tuple[ExpandedRow, ...]


def expand(survey: Sheet, choices: Sheet, library: Library, root: str = "data") -> Expanded:
    """Expand the rows of ours; raises AuthoringError with every row that cannot be expanded."""
    expansion = _Expansion(library)
    rows = [row for written in _own(survey, "survey") for row in expansion.expand(written, ())]
    if expansion.findings:
        raise AuthoringError(expansion.findings)
    own = _own(choices, "choices")
    have = {row.values.get("list_name") for row in own}
    choice_rows = [*own, *(row for row in expansion.choices if row.values.get("list_name") not in have)]
    return Expanded(
        survey=_sheet(survey.header, rows),
        choices=_sheet(choices.header, choice_rows),
        rows=tuple(_with_paths(rows, root)),
        choice_rows=tuple(choice_rows),
    )


class _Expansion:
    """One expansion: what was found wrong, and the lists that blocks brought along."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._count = 0
        self._lists: set[str] = set()
        self.findings: list[AuthoringFinding] = []
        self.choices: list[ExpandedRow] = []

    def expand(self, written: ExpandedRow, chain: tuple[str, ...]) -> Iterator[ExpandedRow]:
        """Yield what a row stands for; `chain` names the blocks it stands in."""
        self._count_row(written)
        kind = written.values.get("type", "").strip()
        try:
            if kind == "include":
                yield from self._include(written, chain)
            elif kind in ITEM_ROWS:
                yield from self._fill(written, chain, kind, ITEM_ROWS[kind])
            else:
                yield written
        except BadRowError as problem:
            self._tell(written, chain, problem)

    def _count_row(self, written: ExpandedRow) -> None:
        """Raise AuthoringError at once: a few includes in a row each must not fill the memory."""
        self._count += 1
        if self._count > MAX_ROWS:
            message = f"展开后超过 {MAX_ROWS} 行，请拆分表单 / More than {MAX_ROWS} rows when expanded: split the form"
            raise AuthoringError([AuthoringFinding(written.sheet, written.row, message, code="rows.limit")])

    def _include(self, written: ExpandedRow, chain: tuple[str, ...]) -> Iterator[ExpandedRow]:
        name = written.values.get("name", "").strip()
        extra = sorted(column for column in written.values if column not in ("type", "name", "parameters"))
        if extra:
            raise BadRowError(
                f"include 行只写 type、name 和 parameters，请清空 {extra[0]}",
                f"An include row has a type, a name and parameters only: clear {extra[0]}",
                column=extra[0],
                code="include.column",
            )
        if name in chain:
            raise BadRowError(
                f"区块 {name} 包含了自己，请删除此行",
                f"Block {name} includes itself: remove this row",
                column="name",
                code="include.cycle",
            )
        if len(chain) >= MAX_DEPTH:
            raise BadRowError(
                f"include 嵌套超过 {MAX_DEPTH} 层，请减少嵌套",
                f"Includes nest deeper than {MAX_DEPTH}: nest them less",
                column="name",
                code="include.depth",
            )
        block = self._library(name) if _BLOCK_NAME.fullmatch(name) else None
        if block is None:
            raise BadRowError(
                f"没有名为“{name[:64]}”的区块，请改正 name",
                f'There is no block "{name[:64]}": correct the name',
                column="name",
                code="include.unknown",
            )
        inside = (*chain, name)
        self._bring(block.choices, written, inside)
        left_out = _left_out(written.values.get("parameters", ""), block)
        for values in block.survey.rows:
            if values.get("name", "").strip() not in left_out:
                yield from self.expand(_inside(written, values, inside), inside)

    def _fill(
        self, written: ExpandedRow, chain: tuple[str, ...], kind: str, item_row: ItemRow
    ) -> Iterator[ExpandedRow]:
        variants = item_row.read(written.values)
        pattern = self._library(f"rows/{kind}")
        if pattern is None:
            raise LookupError(f"the pattern of {kind} is missing")
        inside = (*chain, kind)
        self._bring(pattern.choices, written, inside)
        cells = {**written.values, **variants}
        for row in pattern.survey.rows:
            if row.get("only", "") in {"", *variants.values()}:
                yield from self.expand(_inside(written, _filled(row, cells), inside), inside)

    def _bring(self, choices: Sheet, written: ExpandedRow, inside: tuple[str, ...]) -> None:
        """Take a block's lists along; the first block that has a list provides it."""
        new = {values.get("list_name", "") for values in choices.rows} - self._lists
        self._lists |= new
        self.choices.extend(
            _inside(written, values, inside) for values in choices.rows if values.get("list_name", "") in new
        )

    def _tell(self, written: ExpandedRow, chain: tuple[str, ...], problem: BadRowError) -> None:
        message, message_en = problem.message, problem.message_en
        if chain:
            message, message_en = (
                f"区块 {'/'.join(chain)}：{message}",
                f"Block {'/'.join(chain)}: {message_en}",
            )
        self.findings.append(
            AuthoringFinding(
                written.sheet, written.row, f"{message} / {message_en}", problem.column, problem.code
            )
        )


def _left_out(parameters: str, block: Block) -> set[str]:
    """Read `without=copy,seal`: questions of the block that the form must not ask. Groups stay whole."""
    if not parameters.strip():
        return set()
    word, _, names = parameters.strip().partition("=")
    wanted = {name.strip() for name in names.split(",")}
    questions = {
        row.get("name", "").strip()
        for row in block.survey.rows
        if not _BEGIN.match(row.get("type", "")) and not _END.match(row.get("type", ""))
    }
    if word != "without" or not wanted <= questions:
        raise BadRowError(
            f"include 的 parameters 应为 without=区块中的问题名，不能是“{parameters[:64]}”",
            f'The parameters of an include are without=names of questions of the block, not "{parameters[:64]}"',
            column="parameters",
            code="include.parameters",
        )
    return wanted


def _own(sheet: Sheet, name: str) -> list[ExpandedRow]:
    return [ExpandedRow(values, name, number) for number, values in enumerate(sheet.rows, start=2)]


def _inside(written: ExpandedRow, values: Row, inside: tuple[str, ...]) -> ExpandedRow:
    return replace(written, values=values, block="/".join(inside))


_PLACE = re.compile(r"\{\{(.+?)\}\}")


def _filled(pattern: Row, cells: Mapping[str, str]) -> Row:
    """Return a row of a pattern with the author's cells in their places; what stays blank is left out."""
    filled = {
        column: _PLACE.sub(lambda place: cells.get(place[1], ""), text)
        for column, text in pattern.items()
        if column != "only"
    }
    return {column: text for column, text in filled.items() if text.strip()}


def _sheet(header: tuple[str, ...], rows: list[ExpandedRow]) -> Sheet:
    columns = dict.fromkeys([*header, *(column for row in rows for column in row.values)])
    return Sheet(header=tuple(columns), rows=tuple(row.values for row in rows))


def _with_paths(rows: list[ExpandedRow], root: str) -> Iterator[ExpandedRow]:
    steps = [f"/{root}"]
    for row in rows:
        kind, name = row.values.get("type", "").strip(), row.values.get("name", "").strip()
        path = f"{steps[-1]}/{name}"
        if _END.match(kind):
            if len(steps) > 1:
                steps.pop()
            yield row
            continue
        if _BEGIN.match(kind):
            steps.append(path)
        if kind == "audit":
            path = f"/{root}/meta/audit"
        yield replace(row, path=path if name or kind == "audit" else None)
