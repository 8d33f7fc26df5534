"""Evidence is asked for with its reason, and in a size that travels; nothing is recorded behind one's back.

国办函〔2026〕12号 forbids to ask for photos, videos and tracks where there is no need: a form says, at the
question, what each is evidence of.
"""

from collections.abc import Iterable, Iterator

from forms.authoring.expanding import ExpandedRow
from forms.structure import Form, QuestionKind

REASONED = frozenset(
    {
        QuestionKind.IMAGE,
        QuestionKind.AUDIO,
        QuestionKind.VIDEO,
        QuestionKind.FILE,
        QuestionKind.GEOPOINT,
        QuestionKind.GEOTRACE,
        QuestionKind.GEOSHAPE,
    }
)
UNASKED = frozenset({"background-audio", "start-geopoint", "background-geopoint"})
"""Types that record without anybody being asked."""

_UNASKED = (
    "{kind} 会在检查人员未操作时记录，不得使用；请改为明确的取证问题"
    " / {kind} records without being asked for: ask an explicit question instead"
)
_WITHOUT_REASON = (
    "取证问题须在提示中写明用途（证明什么）；请填写 hint"
    " / Evidence needs its reason: write in the hint what it proves"
)

_RESTRICTED = (
    "受限表单（涉密场所）不得录音、录像、上传文件，照片须在允许拍摄的条件下才询问；请删除或填写 relevant"
    " / A restricted form asks for no sound, film or files, and for photos on a condition only: remove it or"
    " fill in relevant"
)

Trouble = tuple[str, str | None, str, str]
"""Path, column, code and what to do."""


def lint_evidence(form: Form, rows: Iterable[ExpandedRow]) -> Iterator[Trouble]:
    """Tell evidence without a reason, photos without a limit, and recordings that nobody is asked for."""
    unasked = dict(_unasked(rows))
    for path, kind in unasked.items():
        yield (
            path,
            "type",
            "evidence.unasked",
            _UNASKED.format(kind=kind),
        )
    for question in form.questions():
        if question.kind in REASONED and question.path not in unasked and question.calculate is None:
            for language in form.languages or ("",):
                if not question.hints.get(language, "").strip(" -"):
                    yield (
                        question.path,
                        "hint",
                        "evidence.without-reason",
                        _WITHOUT_REASON,
                    )
                    break
        if question.kind in (QuestionKind.IMAGE, QuestionKind.SIGNATURE) and question.max_pixels is None:
            yield (
                question.path,
                "parameters",
                "image.without-max-pixels",
                "照片须限定尺寸；请在 parameters 写 max-pixels=3072 / Photos need max-pixels: write max-pixels=3072",
            )


def lint_restricted(form: Form) -> Iterator[Trouble]:
    """Tell what a form for secret places must not ask: sound, film and files, and photos without a condition."""
    for question in form.questions() if form.restricted else ():
        is_free_photo = question.kind is QuestionKind.IMAGE and question.relevant.constant is True
        if question.kind in (QuestionKind.AUDIO, QuestionKind.VIDEO, QuestionKind.FILE) or is_free_photo:
            yield question.path, "type", "restricted.media", _RESTRICTED


def _unasked(rows: Iterable[ExpandedRow]) -> Iterator[tuple[str, str]]:
    for row in rows:
        kind = row.values.get("type", "").strip()
        if row.path is not None and (kind in UNASKED or _is_track(kind, row.values.get("parameters", ""))):
            yield row.path, kind


def _is_track(kind: str, parameters: str) -> bool:
    return kind == "audit" and "location" in parameters
