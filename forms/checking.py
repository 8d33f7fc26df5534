"""Checking an instance against its form: what is certain without evaluating expressions."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from forms.answers import Answer, AnswerGroup, Answers, ExpectedMedia
from forms.findings import Finding, FindingKind
from forms.fitting import read_answers
from forms.instance import Instance
from forms.structure import Form, Question, QuestionKind, preferred


def check(form: Form, instance: Instance, media_names: AbstractSet[str]) -> list[Finding]:
    """Return what is wrong with an instance, see `examine`."""
    return examine(form, instance, media_names)[1]


def examine(form: Form, instance: Instance, media_names: AbstractSet[str]) -> tuple[Answers, list[Finding]]:
    """Return the answers of an instance and what is wrong with it; it is read once for both.

    `media_names` are the files that came with it. A blank answer is reported as required only where it is
    certain to be relevant: no `relevant` expression on the question or above it, and `required` literally
    true(). Raises UnreadableInstance for more than 200 instances of a repeat.
    """
    answers = read_answers(form, instance)
    findings = list(_check_identity(form, instance))
    if instance.root_name != form.root_name:
        return answers, findings
    findings.extend(answers.misfits)
    for answer in answers:
        if answer.text and (answer.value is None or answer.question.choices is not None):
            findings.extend(_check_value(answer))
    findings.extend(_check_required(answers.root))
    findings.extend(_check_media(form, answers, media_names))
    return answers, findings


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


def _check_value(answer: Answer) -> Iterator[Finding]:
    question, value = answer.question, answer.value
    if value is None:
        yield Finding(
            answer.path,
            FindingKind.TYPE,
            f"{_label(question, 'zh')}：“{answer.text[:50]}”不是有效的{_TYPE_NAMES[question.kind][0]}",
            f'{_label(question, "en")}: "{answer.text[:50]}" is not a valid {_TYPE_NAMES[question.kind][1]}',
        )
        return
    if question.choices is None:
        return
    for name in value if isinstance(value, tuple) else (value,):
        if question.choice(str(name)) is None:
            yield Finding(
                answer.path,
                FindingKind.CHOICE,
                f"{_label(question, 'zh')}：没有选项“{str(name)[:50]}”",
                f'{_label(question, "en")}: there is no choice "{str(name)[:50]}"',
            )


def _check_required(group: AnswerGroup) -> Iterator[Finding]:
    if group.group.relevant.constant is not True:
        return
    for child in group.children:
        if isinstance(child, AnswerGroup):
            yield from _check_required(child)
        elif not child.text and _is_certainly_required(child.question):
            messages = child.question.required_messages
            yield Finding(
                child.path,
                FindingKind.REQUIRED,
                preferred(messages, "zh", f"{_label(child.question, 'zh')}：必填"),
                preferred(messages, "en", f"{_label(child.question, 'en')}: an answer is required"),
            )


def _is_certainly_required(question: Question) -> bool:
    return question.required.constant is True and question.relevant.constant is True


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
