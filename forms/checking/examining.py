"""Checking an instance by its form's own rules: the same that ran on the phone.

No peer does this on the server. It never refuses: what is wrong is told, and a person decides.
"""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from forms.answers.tree import Answer, Answers
from forms.checking.rules import FAILURES, Judgement, Rules, Run, rules_of
from forms.checking.settling import Settled, failure, label_of, settle
from forms.checking.shelf import shelf_of
from forms.checking.straightening import Rare, write_judging, written_once
from forms.checking.telling import (
    check_faults,
    check_identity,
    check_media,
    not_relevant,
    too_costly,
    wrong_type,
)
from forms.findings import Finding, FindingKind
from forms.fitting import read_answers
from forms.instance import Instance
from forms.structure import Form, preferred
from forms.xpath import BudgetSpentError, Environment, ListMissingError, ListTable, Node, Scope

_NO_LISTS: Mapping[str, ListTable] = MappingProxyType({})


@dataclass(frozen=True)
class Examined:
    """An instance as its form sees it: answers, what is wrong, and each computed value by its path."""

    answers: Answers
    findings: list[Finding]
    calculated: Mapping[str, str]


def examine(
    form: Form,
    instance: Instance,
    media_names: AbstractSet[str],
    *,
    now: datetime,
    lists: Mapping[str, ListTable] | None = None,
) -> Examined:
    """Read an instance by its form and tell what is wrong with it.

    `now` is when it was completed, with the phone's offset: `today()` and `now()` mean that moment. `lists`
    are the lists beside the form, by name (`tasks`); what hangs on one that is not given is not judged.
    `media_names` are the files that came with it. Raises UnreadableInstance for more than 200 instances of a
    repeat.
    """
    answers = read_answers(form, instance)
    findings = list(check_identity(form, instance))
    if instance.root_name != form.root_name:
        return Examined(answers, findings, {})
    findings.extend(answers.misfits)
    rules = rules_of(form)
    shelf = shelf_of(form, rules.document)
    tree = shelf.take(answers, instance)
    calculated: Mapping[str, str] = {}
    try:
        settled = settle(rules, tree, lists or _NO_LISTS, now)
        calculated = settled.calculated
        findings.extend(check_faults(rules))
        findings.extend(settled.findings.values())
        findings.extend(_judge_counts(rules, settled))
        _judging_of(rules)(settled, settled.environment, findings)
    except BudgetSpentError:
        findings.append(too_costly(form))
    finally:
        shelf.put_back(tree)
    findings.extend(check_media(form, answers, media_names))
    return Examined(answers, findings, calculated)


@written_once
def _judging_of(rules: Rules) -> Callable[[Settled, Environment, list[Finding]], None]:
    rare: Rare = {
        "look": _look,
        "broken": _broken,
        "not_relevant": not_relevant,
        "failure": failure,
    }
    return write_judging(rules, rare)


def _look(settled: Settled, node: Node, judgement: Judgement | None, found: list[Finding]) -> None:
    finding = _judge_answer(settled, node, judgement)
    if finding is not None:
        found.append(finding)


def _judge_answer(settled: Settled, node: Node, judgement: Judgement | None) -> Finding | None:
    """Tell the one thing that is wrong with an answer: the first that makes all further questions idle."""
    answer: Answer = node.answer
    if not node.live:
        return not_relevant(answer) if answer.text else None
    if answer.value is None and answer.text:
        return wrong_type(answer)
    if judgement is None or node in settled.not_offered:
        return None
    try:
        return _follow(settled, node, judgement)
    except FAILURES as error:
        return failure(node, error)


def _follow(settled: Settled, node: Node, judgement: Judgement) -> Finding | None:
    if node.read:
        holds = _holds(settled, node, judgement.constraint, otherwise=True)
        return None if holds else _broken(settled, node, judgement)
    is_missing = _holds(settled, node, judgement.required, otherwise=False) and not _is_unknown(settled, node)
    return _missing(settled, node, judgement) if is_missing else None


def _broken(settled: Settled, node: Node, judgement: Judgement) -> Finding:
    messages = _spoken(settled, node, judgement, node.answer.question.constraint_messages)
    return Finding(
        node.answer.path,
        FindingKind.CONSTRAINT,
        preferred(messages, "zh", f"{label_of(node, 'zh')}：不符合填写要求"),
        preferred(messages, "en", f"{label_of(node, 'en')}: does not meet its condition"),
    )


def _missing(settled: Settled, node: Node, judgement: Judgement) -> Finding:
    messages = _spoken(settled, node, judgement, node.answer.question.required_messages)
    return Finding(
        node.answer.path,
        FindingKind.REQUIRED,
        preferred(messages, "zh", f"{label_of(node, 'zh')}：必填"),
        preferred(messages, "en", f"{label_of(node, 'en')}: an answer is required"),
    )


def _spoken(
    settled: Settled, node: Node, judgement: Judgement, messages: Mapping[str, str]
) -> Mapping[str, str]:
    """Put the values into messages that show some, as the phone shows them."""
    if not judgement.outputs:
        return messages
    scope = Scope(settled.environment, node)
    values = {placeholder: text(scope) for placeholder, text in judgement.outputs}
    spoken = dict(messages)
    for language, message in messages.items():
        for placeholder, value in values.items():
            message = message.replace(placeholder, value)  # noqa: PLW2901 - one message, filled step by step
        spoken[language] = message
    return spoken


def _holds(settled: Settled, node: Node, rule: Run | bool, *, otherwise: bool) -> bool:
    if isinstance(rule, bool):
        return rule
    try:
        settled.environment.spend(1)
        return bool(rule(Scope(settled.environment, node)))
    except ListMissingError as error:
        settled.missing_lists.add(error.name)
        return otherwise


def _is_unknown(settled: Settled, node: Node | None) -> bool:
    while settled.unknown and node is not None:
        if node in settled.unknown:
            return True
        node = node.parent
    return False


def _judge_counts(rules: Rules, settled: Settled) -> Iterator[Finding]:
    """Compare repeats that have as many instances as an answer says with what came."""
    for shape, number in rules.counts.items():
        for parent in settled.tree.nodes(shape.parent) if shape.parent is not None else ():
            count = len(parent.children.get(shape.name, ()))
            try:
                wanted = int(number(Scope(settled.environment, parent)))
            except (*FAILURES, ListMissingError):
                continue  # A blank says nothing about how many there are.
            if parent.live and max(wanted, 0) != count:
                yield Finding(
                    f"{parent.answer.path}/{shape.name}",
                    FindingKind.STRUCTURE,
                    f"“{shape.name}”应有 {wanted} 组，记录有 {count} 组",
                    f'"{shape.name}" should have {wanted} instances, the record has {count}',
                )
