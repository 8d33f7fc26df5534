"""What is wrong with a form that compiles: found before it is published, told at the author's row and column.

pyxform checks structure; whether expressions can be read, whether rules run in circles and whether the phone
can show what the form says is found here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from forms.authoring.defaults_lint import lint_defaults
from forms.authoring.evidence_lint import lint_evidence, lint_restricted
from forms.authoring.expanding import ExpandedRow
from forms.authoring.expression_lint import Written, absent_things, phone_troubles, quadratic_troubles
from forms.authoring.findings import AuthoringFinding, Severity
from forms.authoring.lists_lint import absent_columns, lint_files
from forms.authoring.text_lint import lint_texts
from forms.authoring.xlsform import CompiledForm
from forms.checking.ordering import cycles
from forms.checking.rules import Rules, rules_of
from forms.structure import Form, Group, Question, QuestionKind
from forms.xform import load_form
from forms.xpath import Shape

COLUMNS = {
    "relevant": "relevant",
    "calculate": "calculation",
    "constraint": "constraint",
    "required": "required",
    "offer": "choice_filter",
    "count": "repeat_count",
    "message": "constraint_message",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands in the author's file."""

    rows: dict[str, ExpandedRow]

    def finding(
        self, path: str, column: str | None, code: str, message: str, *, severity: Severity = "error"
    ) -> AuthoringFinding:
        row = self.rows.get(path)
        if row is None and path.endswith("_count"):  # what pyxform makes of an expression in repeat_count
            path, column = path.removesuffix("_count"), "repeat_count"
            row = self.rows.get(path)
        name = path.rpartition("/")[2]
        where = f"{row.block}：{name}" if row is not None and row.block else name
        return AuthoringFinding(
            row.sheet if row is not None else "survey",
            row.row if row is not None else None,
            f"“{where}”：{message}",
            column,
            code,
            severity,
        )


def lint(compiled: CompiledForm) -> list[AuthoringFinding]:
    """Return everything that keeps a compiled form from being published, in the order of its rows."""
    form = load_form(compiled.xform)
    rules = rules_of(form)
    place = _Place({row.path: row for row in compiled.rows if row.path is not None})
    found = [
        *_lint_emptiness(rules),
        *_lint_faults(place, rules),
        *_lint_cycles(place, rules),
        *_lint_expressions(place, form, rules),
        *(place.finding(*trouble) for trouble in lint_evidence(form, compiled.rows)),
        *(place.finding(*trouble) for trouble in lint_restricted(form)),
        *lint_files(compiled),
        *lint_defaults(compiled),
        *lint_texts(compiled),
    ]
    return sorted(set(found), key=lambda each: (each.sheet, each.row or 0, each.column or "", each.code))


def _lint_emptiness(rules: Rules) -> Iterator[AuthoringFinding]:
    unasked = {QuestionKind.CALCULATE, QuestionKind.NOTE}
    nodes = [shape.node for shape in rules.document.walk()]
    if not any(isinstance(node, Question) and node.kind not in unasked for node in nodes):
        message = "表单没有可填写的题；请至少加一题 / The form asks nothing: add a question"
        yield AuthoringFinding("survey", None, message, code="form.empty")


def _lint_faults(place: _Place, rules: Rules) -> Iterator[AuthoringFinding]:
    for fault in rules.faults:
        message = (
            f"{fault.error.message}；请改正 {fault.expression[:80]} / {fault.error.message_en}; correct it"
        )
        yield place.finding(fault.shape.path, COLUMNS[fault.attribute], fault.error.code, message)


def _lint_cycles(place: _Place, rules: Rules) -> Iterator[AuthoringFinding]:
    for chain in cycles(rules.tangled):
        names = " → ".join(unit.shape.name for unit in chain)
        first = chain[0]
        yield place.finding(
            first.shape.path,
            COLUMNS[first.step.name.lower()],
            "rule.cycle",
            f"规则循环引用：{names}；请去掉其中一处引用 / The rules run in a circle: remove one of the references",
        )


def _lint_expressions(place: _Place, form: Form, rules: Rules) -> Iterator[AuthoringFinding]:
    lists = frozenset(form.lists) | form.external_lists
    for written in _written(rules):
        troubles = (
            *absent_things(written, lists),
            *absent_columns(written, form),
            *phone_troubles(written),
            *quadratic_troubles(written),
        )
        for code, message in troubles:
            yield place.finding(written.shape.path, COLUMNS[written.attribute], code, message)


def _written(rules: Rules) -> Iterator[Written]:
    """Yield every expression of the form with the node and the attribute it is written at."""
    for shape in rules.document.walk():
        node = shape.node
        for attribute, expression in _expressions_of(node):
            of = shape.parent if attribute == "count" else shape
            assert isinstance(of, Shape)
            yield Written(of, attribute, expression)


def _expressions_of(node: object) -> Iterator[tuple[str, str]]:
    if isinstance(node, Group):
        yield "relevant", node.relevant.expression
        if node.count:
            yield "count", node.count
    if isinstance(node, Question):
        yield "relevant", node.relevant.expression
        yield "required", node.required.expression
        for attribute, expression in (
            ("calculate", node.calculate),
            ("constraint", node.constraint),
            ("offer", node.itemset),
            *(("message", each) for each in node.outputs.values()),
        ):
            if expression:
                yield attribute, expression
