"""A form's rules in one piece: written once as two Python functions.

A record has hundreds of small rules, and finding each of them, its nodes and its answer costs more than following it.
So they are written out one after the other, in the order that `forms.checking.ordering` found, with the nodes in
variables; rules within a repeat stand in a loop over its instances. What is rare is not written out but called, by the
name it has in `rare`: what follows any rule (`forms.checking.settling`, `forms.checking.examining`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from threading import Lock
from typing import Any, TypeVar

from forms.checking.ordering import Step, Unit
from forms.checking.rules import FAILURES, Judgement, Rules, choice_label
from forms.structure import Form, Question, QuestionKind
from forms.xpath import ListMissingError, ListTable, Shape, parse
from forms.xpath.compiling import Compiler
from forms.xpath.constants import Constants
from forms.xpath.inlining import Inliner

Rare = Mapping[str, Callable[..., Any]]
Written = TypeVar("Written", bound=Callable[..., None])


def written_once(write: Callable[[Rules], Written]) -> Callable[[Rules], Written]:
    """Keep what was written for each form version; of threads that come at once one writes, and the others wait."""
    kept, lock = lru_cache(maxsize=128)(write), Lock()

    def written(rules: Rules) -> Written:
        with lock:
            return kept(rules)

    return written


def write_settling(rules: Rules, rare: Rare) -> Callable[..., None]:
    """Write `settle(s, e)`: every ordered rule once, on the instance that `s` settles in the environment `e`.

    Rare are `attempt(s, unit, node)`, `enter(s, unit, node, text)`, `missing(s, unit, node, error)` and
    `failure(node, error)`.
    """
    piece = _Piece("settle(s, e)", rare)
    piece.line(f"e.spend({sum(unit.shape.fixed for unit in rules.ordered)})")
    piece.line("repeated = s.tree.repeated")
    for unit in rules.ordered:
        write = _WRITERS[unit.step]
        if unit.shape.fixed:
            piece.lines(write(piece, unit, rules.form, piece.node(unit.shape)))
        else:
            piece.line(f"rows = repeated.get({piece.constants.name(unit.shape)})")
            piece.line("if rows:")
            piece.line("    e.spend(len(rows))")
            piece.line("    for n in rows:")
            piece.lines(_indented(_indented(write(piece, unit, rules.form, "n"))))
    return piece.function()


def write_judging(rules: Rules, rare: Rare) -> Callable[..., None]:
    """Write `judge(s, e, out)`: every answer of a settled instance, in order; what is wrong is added to `out`.

    Rare are `look(s, node, judgement, out)`, `broken(s, node, judgement)`, `not_relevant(answer)` and
    `failure(node, error)`.
    """
    piece = _Piece("judge(s, e, out)", rare)
    for root in rules.document.children.values():
        piece.lines(_write_judgements(piece, rules, root))
    return piece.function()


class _Piece:
    """One function as it is written: its lines, its constants, and the nodes that it asks for."""

    def __init__(self, head: str, rare: Rare) -> None:
        self.constants = Constants()
        self.constants.names |= {"FAILURES": FAILURES, "ListMissingError": ListMissingError, **rare}
        self._head = head
        self._nodes: dict[str, str] = {}
        self._lines: list[str] = []

    def line(self, text: str) -> None:
        self._lines.append(text)

    def lines(self, texts: Iterable[str]) -> None:
        self._lines.extend(texts)

    def node(self, shape: Shape) -> str:
        """Name the variable that holds the one node of a shape."""
        return self._nodes.setdefault(shape.path, f"n{len(self._nodes)}")

    def inliner(self, shape: Shape, node: str) -> Inliner:
        """Return what writes the expressions of a shape, whose node is in the variable `node`."""
        return Inliner(Compiler(shape, shape, choice_label), node, self.node, self.constants)

    def function(self) -> Callable[..., Any]:
        """Compile what was written."""
        lines = [*self._lines, "return"]
        if self._nodes:
            self.constants.names["nodes_of"] = itemgetter(*self._nodes)
            lines.insert(0, f"{', '.join(self._nodes.values())} = nodes_of(e.fixed)")
        text = "\n    ".join([f"def {self._head}:", *lines])
        # Nothing of it is a stranger's: texts of the form stand in it as literals, all else by names given here.
        exec(compile(text, f"<{self._head} of a form>", "exec"), self.constants.names)  # noqa: S102
        written: Callable[..., Any] = self.constants.names[self._head.partition("(")[0]]
        return written


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def _guarded(piece: _Piece, unit: Unit, node: str, lines: Iterable[str]) -> Iterator[str]:
    """Put the lines of a rule where its failure is told and the next rule is followed."""
    yield "try:"
    yield from _indented(lines)
    yield f"except ListMissingError as x: missing(s, {piece.constants.name(unit)}, {node}, x)"
    yield f"except FAILURES as x: s.tell(failure({node}, x))"


def _write_relevance(piece: _Piece, unit: Unit, _form: Form, node: str) -> Iterator[str]:
    assert unit.shape.parent is not None
    above = piece.node(unit.shape.parent) if unit.shape.fixed else f"{node}.parent"
    inliner = piece.inliner(unit.shape, node)
    lines = [
        f"{node}.own = own = {inliner.boolean(parse(unit.expression))}",
        f"if (own and {above}.live) is not {node}.live: {node}.set_live(own and {above}.live)",
    ]
    yield from _guarded(piece, unit, node, lines) if inliner.may_fail else lines


def _write_value(piece: _Piece, unit: Unit, _form: Form, node: str) -> Iterator[str]:
    """Of a text that is as it was submitted and as it was held there is nothing to tell."""
    question = unit.shape.node
    lines = [f"v = {piece.inliner(unit.shape, node).text(parse(unit.expression))}"]
    enter = f"enter(s, {piece.constants.name(unit)}, {node}, v)"
    if isinstance(question, Question) and question.data_type == "string" and not unit.volatile:
        path = ascii(question.path) if unit.shape.fixed else f"{node}.answer.path"
        noted = f"s.calculated[{path}] = v"
        lines += [f"if v == {node}.value == {node}.answer.text: {noted}", f"else: {enter}"]
    else:
        lines.append(enter)
    yield f"if {node}.live:"
    yield from _indented(_guarded(piece, unit, node, lines))


def _write_offer(piece: _Piece, unit: Unit, form: Form, node: str) -> Iterator[str]:
    """A choice out of one of the form's own lists, whole, is compared with its names; others are looked at."""
    table = form.lists.get(unit.whole_list or "")
    wrong = ""
    if table is not None:
        names = piece.constants.name(_names_in(table))
        is_multiple = unit.shape.node.kind is QuestionKind.SELECT_MULTIPLE
        of_many, of_one = f"not {names}.issuperset({node}.value.split())", f"{node}.value not in {names}"
        wrong = f" and {of_many if is_multiple else of_one}"
    yield f"if {node}.value and {node}.live{wrong}: attempt(s, {piece.constants.name(unit)}, {node})"


def _names_in(table: ListTable) -> frozenset[str]:
    return frozenset(row["name"] for row in table.rows if "name" in row)


_WRITERS: Mapping[Step, Callable[[_Piece, Unit, Form, str], Iterator[str]]] = {
    Step.RELEVANT: _write_relevance,
    Step.CALCULATE: _write_value,
    Step.OFFER: _write_offer,
}


def _write_judgements(
    piece: _Piece, rules: Rules, group: Shape, node: str = "", depth: int = 0
) -> Iterator[str]:
    """Write what is judged below a group, in the form's order; within a repeat `node` is the variable of the group."""
    for shape in group.children.values():
        if shape.repeat:
            above = node or piece.node(group)
            yield f"for r{depth} in {above}.children.get({shape.name!a}, ()):"
            yield from _indented(["pass", *_write_judgements(piece, rules, shape, f"r{depth}", depth + 1)])
        elif not shape.leaf and not node:
            yield from _write_judgements(piece, rules, shape)
        elif not shape.leaf:
            yield f"r{depth} = {node}.children[{shape.name!a}][0]"
            yield from _write_judgements(piece, rules, shape, f"r{depth}", depth + 1)
        elif shape.node is not None:
            if node:
                yield f"n = {node}.children[{shape.name!a}][0]"
            its = "n" if node else piece.node(shape)
            yield from _write_judgement(piece, shape, rules.judgements.get(shape), its)


def _write_judgement(piece: _Piece, shape: Shape, judgement: Judgement | None, node: str) -> Iterator[str]:
    """An answer that is there, of its type, and meets its constraint is passed over; the others are looked at."""
    question = shape.node
    look = f"look(s, {node}, {piece.constants.name(judgement)}, out)"
    # A blank is looked at where an answer may be required, and else if something was written.
    blank = "True" if judgement is not None and judgement.required is not False else f"{node}.answer.text"
    yield f"if {node}.live:"
    if (
        question.calculate and judgement is None
    ):  # what is held is computed, and tells nothing of what was submitted
        yield f"    if {node}.answer.text and {node}.answer.value is None: {look}"
    elif question.calculate:
        yield f"    {look}"
    elif judgement is None or judgement.constraint is True:
        yield f"    if not {node}.read and {blank}: {look}"
    else:
        yield f"    if {node}.read:"
        yield from _indented(_indented(_write_constraint(piece, shape, judgement, node)))
        yield f"    elif {blank}: {look}"
    yield f"elif {node}.answer.text: out.append(not_relevant({node}.answer))"


def _write_constraint(piece: _Piece, shape: Shape, judgement: Judgement, node: str) -> Iterator[str]:
    holds = piece.inliner(shape, node).boolean(parse(shape.node.constraint))
    yield f"if {node} not in s.not_offered:"
    yield "    try:"
    yield "        try:"
    yield "            e.spend(1)"
    yield f"            holds = {holds}"
    yield "        except ListMissingError as x:"
    yield "            s.missing_lists.add(x.name)"
    yield "        else:"
    yield f"            if not holds: out.append(broken(s, {node}, {piece.constants.name(judgement)}))"
    yield f"    except FAILURES as x: out.append(failure({node}, x))"
