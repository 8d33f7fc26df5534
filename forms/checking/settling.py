"""Settling an instance: what is relevant, what is computed, what was offered; each needs the others."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from forms.checking.inflating import Tree, path_of, written_decimal
from forms.checking.ordering import Step, Unit
from forms.checking.rules import FAILURES, Rules
from forms.checking.straightening import Rare, write_settling, written_once
from forms.findings import Finding, FindingKind
from forms.structure import Question, QuestionKind, preferred
from forms.values import read_value
from forms.xpath import (
    BudgetSpentError,
    Environment,
    EvaluationError,
    ListMissingError,
    ListTable,
    Node,
    Scope,
)
from forms.xpath.values import is_number

MAX_PASSES = 12

_SAME = 1e-9


@dataclass
class Settled:
    """An instance whose values stand still, with what was found on the way.

    `calculated` are the values as the form computes them, by path. `not_offered` are the answers that are no
    offered choice; to all expressions they are blank. `unknown` are nodes whose relevance hangs on a list
    that nobody gave.
    """

    tree: Tree
    environment: Environment
    languages: tuple[str, ...] = ()
    calculated: dict[str, str] = field(default_factory=dict)
    findings: dict[tuple[str, FindingKind], Finding] = field(default_factory=dict)
    not_offered: dict[Node, str] = field(default_factory=dict)
    unknown: set[Node] = field(default_factory=set)
    missing_lists: set[str] = field(default_factory=set)

    def tell(self, finding: Finding) -> None:
        """Keep a finding; a later one of the same kind at the same place replaces it."""
        self.findings[finding.path, finding.kind] = finding


def settle(rules: Rules, tree: Tree, lists: Mapping[str, ListTable], now: datetime) -> Settled:
    """Settle an instance as it was when it was completed; raises BudgetSpentError for what costs too much."""
    environment = Environment(tree.document, tree.fixed, {**lists, **rules.form.lists}, now)
    environment.language = next(iter(rules.form.languages), "")
    settled = Settled(tree, environment, rules.form.languages)
    for shape in rules.never:
        for node in tree.nodes(shape):
            node.own = False
            node.set_live(live=False)
    _settling_of(rules)(settled, environment)
    _untangle(settled, rules)
    environment.settled = True
    return settled


@written_once
def _settling_of(rules: Rules) -> Callable[[Settled, Environment], None]:
    rare: Rare = {"attempt": _attempt, "enter": _enter, "missing": _miss, "failure": failure}
    return write_settling(rules, rare)


def _untangle(settled: Settled, rules: Rules) -> None:
    """Repeat rules that depend on each other until nothing changes; tell where that never comes."""
    for _ in range(MAX_PASSES if rules.tangled else 0):
        changes = [_run(settled, unit) for unit in rules.tangled]
        if not any(changes):
            return
    for unit in rules.tangled:
        settled.tell(
            Finding(
                unit.shape.path,
                FindingKind.EXPRESSION,
                "表单规则互相依赖，无法得出结果；请联系表单管理员",
                "Rules of the form depend on each other and come to no end; tell whoever maintains it",
            )
        )


def _run(settled: Settled, unit: Unit) -> bool:
    """Settle one rule at every instance of its node; tell whether anything changed."""
    changed = False
    nodes = settled.tree.nodes(unit.shape)
    settled.environment.spend(len(nodes))
    for node in nodes:
        changed = _attempt(settled, unit, node) or changed
    return changed


def _attempt(settled: Settled, unit: Unit, node: Node) -> bool:
    """Settle one rule at one node; tell whether that changed anything."""
    try:
        return _STEPS[unit.step](settled, unit, node, Scope(settled.environment, node))
    except ListMissingError as error:
        _miss(settled, unit, node, error)
    except FAILURES as error:
        settled.tell(failure(node, error))
    return False


def _miss(settled: Settled, unit: Unit, node: Node, error: ListMissingError) -> None:
    settled.missing_lists.add(error.name)
    if unit.step is Step.RELEVANT:
        settled.unknown.add(node)


def _settle_relevance(_settled: Settled, unit: Unit, node: Node, scope: Scope) -> bool:
    assert node.parent is not None
    node.own = unit.run(scope)
    live = node.parent.live and node.own
    if live is node.live:
        return False
    node.set_live(live)
    return True


def _settle_value(settled: Settled, unit: Unit, node: Node, scope: Scope) -> bool:
    if not node.live:
        settled.calculated.pop(path_of(node), None)
        return False
    return _enter(settled, unit, node, unit.run(scope))


def _enter(settled: Settled, unit: Unit, node: Node, text: str) -> bool:
    """Give a node the text that was computed for it, and compare it with what was submitted."""
    path = node.answer.path if node.answer is not None else path_of(node)
    submitted = node.answer.text if node.answer is not None else node.value
    computed = _coerced(node, text)
    if unit.volatile and submitted:
        computed = submitted
    changed = computed != node.value
    node.write(computed)
    settled.calculated[path] = computed
    if settled.findings:
        settled.findings.pop((path, FindingKind.CALCULATE), None)
    if not _same(submitted, computed.strip()) and not (
        unit.wordy and _in_other_words(settled, unit, node, submitted)
    ):
        _tell_difference(settled, node, submitted, computed)
    return changed


def _coerced(node: Node, computed: str) -> str:
    """Bring a computed value into the type of its question; blank where it is not of it, as on the phone."""
    question = node.shape.node
    if not computed or not isinstance(question, Question) or question.data_type == "string":
        return computed
    text = computed.strip()
    if question.data_type in ("int", "decimal"):
        number = float(text) if is_number(text) else math.nan
        if not math.isfinite(number):
            return ""
        text = str(math.trunc(number)) if question.data_type == "int" else written_decimal(number)
    try:
        read_value(question, text)
    except ValueError:
        return ""
    return text


def _same(submitted: str, computed: str) -> bool:
    if submitted == computed:
        return True
    try:
        one, other = float(submitted), float(computed)
    except ValueError:
        return False
    return abs(one - other) <= _SAME * max(1.0, abs(one), abs(other))


def _in_other_words(settled: Settled, unit: Unit, node: Node, submitted: str) -> bool:
    """Tell whether a phone in another language would have computed what was submitted."""
    environment = settled.environment
    scope = Scope(environment, node)
    shown = environment.language
    try:
        for language in settled.languages:
            environment.language = language
            if unit.run(scope) == submitted:
                return True
    finally:
        environment.language = shown
    return False


def _settle_offer(settled: Settled, unit: Unit, node: Node, scope: Scope) -> bool:
    """Compare a chosen answer with what is offered; what is not offered is blank to everything else."""
    text = settled.not_offered.get(node, node.value)
    if not text or not node.live:
        return False
    names = text.split() if node.shape.node.kind is QuestionKind.SELECT_MULTIPLE else [text]
    if unit.whole_list is not None:
        table = scope.environment.table(unit.whole_list)
        wrong = [name for name in names if not table.found("name", name)]
    else:
        offered = {_name_of(each) for each in unit.run(scope)}
        wrong = [name for name in names if name not in offered]
    before = node.value
    if wrong:
        settled.not_offered[node] = text
        node.write(" ".join(name for name in names if name not in wrong))
        _tell_choices(settled, node, wrong)
    elif node in settled.not_offered:
        del settled.not_offered[node]
        settled.findings.pop((path_of(node), FindingKind.CHOICE), None)
        node.write(text)
    return node.value != before


def _name_of(item: Node) -> str:
    name = item.children.get("name")
    return name[0].value if name else item.text()


def _tell_difference(settled: Settled, node: Node, submitted: str, computed: str) -> None:
    name = label_of(node, "zh")
    settled.tell(
        Finding(
            path_of(node),
            FindingKind.CALCULATE,
            f"{name}：按表单计算应为“{computed[:100]}”，记录为“{submitted[:100]}”",
            f'{label_of(node, "en")}: the form computes "{computed[:100]}", the record says "{submitted[:100]}"',
        )
    )


def _tell_choices(settled: Settled, node: Node, wrong: list[str]) -> None:
    names = "、".join(name[:50] for name in wrong[:5])
    settled.tell(
        Finding(
            path_of(node),
            FindingKind.CHOICE,
            f"{label_of(node, 'zh')}：没有选项“{names}”",
            f'{label_of(node, "en")}: there is no choice "{names}"',
        )
    )


def failure(node: Node, error: Exception) -> Finding:
    """Tell that a rule could not be evaluated at a node, and why."""
    chinese, english = "数值超出范围", "a number is out of range"
    if isinstance(error, EvaluationError):
        chinese, english = error.message, error.message_en
    return Finding(
        path_of(node),
        FindingKind.EXPRESSION,
        f"{label_of(node, 'zh')}：规则无法计算：{chinese}",
        f"{label_of(node, 'en')}: a rule cannot be computed: {english}",
    )


def label_of(node: Node, language: str) -> str:
    """Return what a person calls a node."""
    about: Any = node.shape.node
    return preferred(about.labels, language, node.name) if about is not None else node.name


_STEPS = {
    Step.RELEVANT: _settle_relevance,
    Step.CALCULATE: _settle_value,
    Step.OFFER: _settle_offer,
}

__all__ = ["BudgetSpentError", "Settled", "label_of", "settle"]
