"""What a check says about an instance that needs no rule of the form to be run: identity, types, files."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from forms.answers.tree import Answer, Answers
from forms.checking.rules import Rules
from forms.findings import Finding, FindingKind
from forms.instance import Instance
from forms.structure import Form, Question, QuestionKind, preferred


def check_identity(form: Form, instance: Instance) -> Iterator[Finding]:
    """Tell whether an instance belongs to another form or another version of it."""
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


def check_media(form: Form, answers: Answers, media_names: AbstractSet[str]) -> Iterator[Finding]:
    """Compare the files that answers name with those that came."""
    first_use: dict[str, str] = {}
    for path, name in answers.named_files():
        earlier = first_use.setdefault(name, path)
        if earlier != path:
            yield Finding(
                path,
                FindingKind.DUPLICATE,
                f"文件“{name}”已用于 {earlier}",
                f'The file "{name}" is already used at {earlier}',
            )
        elif name not in media_names:
            yield Finding(
                path,
                FindingKind.MEDIA_MISSING,
                f"缺少文件“{name}”",
                f'The file "{name}" is missing',
            )
    for name in sorted(set(media_names) - set(first_use)):
        yield Finding(
            form.root.path,
            FindingKind.MEDIA_EXTRA,
            f"文件“{name}”未被任何答案引用",
            f'No answer names the file "{name}"',
        )


def check_faults(rules: Rules) -> Iterator[Finding]:
    """Tell rules of a form that could not be compiled: of one that was published before there was a lint."""
    for fault in rules.faults:
        yield Finding(
            fault.shape.path,
            FindingKind.EXPRESSION,
            f"表单规则有误（{fault.attribute}）：{fault.error.message}",
            f"A rule of the form is wrong ({fault.attribute}): {fault.error.message_en}",
        )


def not_relevant(answer: Answer) -> Finding:
    """Tell an answer that was not asked for."""
    return Finding(
        answer.path,
        FindingKind.NOT_RELEVANT,
        f"{_label(answer.question, 'zh')}：按其他答案，此项不应填写",
        f"{_label(answer.question, 'en')}: by the other answers this is not asked",
    )


def wrong_type(answer: Answer) -> Finding:
    """Tell an answer that is not of the type of its question."""
    question, text = answer.question, answer.text[:50]
    return Finding(
        answer.path,
        FindingKind.TYPE,
        f"{_label(question, 'zh')}：“{text}”不是有效的{_TYPE_NAMES[question.kind][0]}",
        f'{_label(question, "en")}: "{text}" is not a valid {_TYPE_NAMES[question.kind][1]}',
    )


def too_costly(form: Form) -> Finding:
    """Tell that not all rules were followed."""
    return Finding(
        form.root.path,
        FindingKind.EXPRESSION,
        "记录过大，表单规则没有全部核对；请人工审核",
        "The record is so large that not all rules were followed; review it by hand",
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
