"""Checking an instance by its form's own rules: the same that ran on the phone.

No peer does this on the server. It never refuses: what is wrong is told, and a person decides.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from forms.answers.tree import Answer, Answers, ExpectedMedia
from forms.checking.inflating import inflate
from forms.checking.rules import Judgement, Rules, Run, rules_of
from forms.checking.settling import FAILURES, Settled, failure, label_of, settle
from forms.findings import Finding, FindingKind
from forms.fitting import read_answers
from forms.instance import Instance
from forms.structure import Form, Question, QuestionKind, preferred
from forms.xpath import BudgetSpentError, ListMissingError, ListTable, Node, Scope

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
    findings = list(_check_identity(form, instance))
    if instance.root_name != form.root_name:
        return Examined(answers, findings, {})
    findings.extend(answers.misfits)
    rules = rules_of(form)
    tree = inflate(answers, instance, rules.document)
    calculated: Mapping[str, str] = {}
    try:
        settled = settle(rules, tree, lists or _NO_LISTS, now)
        calculated = settled.calculated
        findings.extend(_check_faults(rules))
        findings.extend(_judge(rules, settled))
    except BudgetSpentError:
        findings.append(_too_costly(form))
    findings.extend(_check_media(form, answers, media_names))
    return Examined(answers, findings, calculated)


def _check_identity(form: Form, instance: Instance) -> Iterator[Finding]:
    path = f"/{instance.root_name}"
    if instance.form_id != form.form_id:
        yield Finding(
            path,
            FindingKind.FORM,
            f"记录属于表单“{instance.form_id[:100]}”，不是“{form.form_id}”",
            f'The record belongs to form "{instance.form_id[:100]}", not "{form.form_id}"',
        )
    if instance.version != form.version:
        yield Finding(
            path,
            FindingKind.VERSION,
            f"记录的表单版本为“{instance.version[:100]}”，不是“{form.version}”",
            f'The record was made with version "{instance.version[:100]}", not "{form.version}"',
        )
    if instance.root_name != form.root_name:
        yield Finding(
            path,
            FindingKind.STRUCTURE,
            f"根元素应为“{form.root_name}”",
            f'The root element should be "{form.root_name}"',
        )


def _too_costly(form: Form) -> Finding:
    return Finding(
        form.root.path,
        FindingKind.EXPRESSION,
        "记录过大，表单规则没有全部核对；请人工审核",
        "The record is so large that not all rules were followed; review it by hand",
    )


def _check_faults(rules: Rules) -> Iterator[Finding]:
    for fault in rules.faults:
        yield Finding(
            fault.shape.path,
            FindingKind.EXPRESSION,
            f"表单规则有误（{fault.attribute}）：{fault.error.message}",
            f"A rule of the form is wrong ({fault.attribute}): {fault.error.message_en}",
        )


def _judge(rules: Rules, settled: Settled) -> Iterator[Finding]:
    yield from settled.findings.values()
    yield from _judge_counts(rules, settled)
    judgements = rules.judgements
    for node in settled.tree.leaves:
        finding = _judge_answer(settled, node, judgements.get(node.shape))
        if finding is not None:
            yield finding


def _judge_answer(settled: Settled, node: Node, judgement: Judgement | None) -> Finding | None:
    """Tell the one thing that is wrong with an answer: the first that makes all further questions idle."""
    answer: Answer = node.answer
    if not node.live:
        return _not_relevant(answer) if answer.text else None
    if answer.value is None and answer.text:
        return _wrong_type(answer)
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


def _not_relevant(answer: Answer) -> Finding:
    return Finding(
        answer.path,
        FindingKind.NOT_RELEVANT,
        f"{_label(answer.question, 'zh')}：按其他答案，此项不应填写",
        f"{_label(answer.question, 'en')}: by the other answers this is not asked",
    )


def _wrong_type(answer: Answer) -> Finding:
    question, text = answer.question, answer.text[:50]
    return Finding(
        answer.path,
        FindingKind.TYPE,
        f"{_label(question, 'zh')}：“{text}”不是有效的{_TYPE_NAMES[question.kind][0]}",
        f'{_label(question, "en")}: "{text}" is not a valid {_TYPE_NAMES[question.kind][1]}',
    )


def _check_media(form: Form, answers: Answers, media_names: AbstractSet[str]) -> Iterator[Finding]:
    first_use: dict[str, ExpectedMedia] = {}
    for expected in answers.media():
        earlier = first_use.setdefault(expected.name, expected)
        if earlier is not expected:
            yield Finding(
                expected.path,
                FindingKind.DUPLICATE,
                f"文件“{expected.name}”已用于 {earlier.path}",
                f'The file "{expected.name}" is already used at {earlier.path}',
            )
        elif expected.name not in media_names:
            yield Finding(
                expected.path,
                FindingKind.MEDIA_MISSING,
                f"缺少文件“{expected.name}”",
                f'The file "{expected.name}" is missing',
            )
    for name in sorted(set(media_names) - set(first_use)):
        yield Finding(
            form.root.path,
            FindingKind.MEDIA_EXTRA,
            f"文件“{name}”未被任何答案引用",
            f'No answer names the file "{name}"',
        )


def _label(question: Question, language: str) -> str:
    return preferred(question.labels, language, question.name)


_TYPE_NAMES: dict[QuestionKind, tuple[str, str]] = {
    QuestionKind.STRING: ("文本", "text"),
    QuestionKind.INTEGER: ("整数", "whole number"),
    QuestionKind.DECIMAL: ("数字", "number"),
    QuestionKind.DATE: ("日期", "date"),
    QuestionKind.DATETIME: ("带时区的日期时间", "date and time with an offset"),
    QuestionKind.TIME: ("时间", "time"),
    QuestionKind.GEOPOINT: ("坐标点", "position"),
    QuestionKind.GEOTRACE: ("坐标线", "line of positions"),
    QuestionKind.GEOSHAPE: ("闭合范围", "closed shape"),
    QuestionKind.SELECT_ONE: ("选项", "choice"),
    QuestionKind.SELECT_MULTIPLE: ("选项", "choice"),
    QuestionKind.IMAGE: ("照片文件名", "photo file name"),
    QuestionKind.AUDIO: ("录音文件名", "audio file name"),
    QuestionKind.VIDEO: ("视频文件名", "video file name"),
    QuestionKind.FILE: ("文件名", "file name"),
    QuestionKind.SIGNATURE: ("签名文件名", "signature file name"),
    QuestionKind.TRIGGER: ("确认", "acknowledgement"),
    QuestionKind.CALCULATE: ("计算值", "calculated value"),
    QuestionKind.NOTE: ("说明", "note"),
}
