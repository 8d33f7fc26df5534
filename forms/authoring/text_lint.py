"""Texts of a form: every one in every language, ranges that can be answered, names that can be chosen."""

from collections.abc import Iterator, Sequence

from forms.authoring.expanding import ExpandedRow
from forms.authoring.findings import AuthoringFinding
from forms.authoring.xlsform import CompiledForm
from forms.safe_xml import parse_safely
from forms.xform import XFORM_LIMITS, UnreadableForm

_XF = "{http://www.w3.org/2002/xforms}"


def lint_texts(compiled: CompiledForm) -> Iterator[AuthoringFinding]:
    """Tell texts that are missing in one language, and choices and ranges that nobody can answer."""
    translations = _translations(compiled.xform)
    yield from _lint_default(translations)
    for rows in (compiled.rows, compiled.choice_rows):
        for row in rows:
            for column in _untranslated(row, list(translations)):
                yield AuthoringFinding(
                    row.sheet,
                    row.row,
                    f"“{row.values.get('name', '')}”：缺少译文；请填写 {column} / A translation is missing: fill in {column}",
                    column,
                    "text.untranslated",
                )
    yield from _lint_ranges(compiled.rows)
    yield from _lint_choice_names(compiled.choice_rows)


def _translations(xform: bytes) -> dict[str, bool]:
    """Return the languages of a form, and whether each is the one that is shown first."""
    root = parse_safely(xform, XFORM_LIMITS, UnreadableForm)
    return {str(each.get("lang")): each.get("default") is not None for each in root.iter(f"{_XF}translation")}


def _lint_default(translations: dict[str, bool]) -> Iterator[AuthoringFinding]:
    """A default language that is none of the form's own leaves it to each phone what is shown first."""
    if translations and not any(translations.values()):
        languages = "、".join(translations)
        yield AuthoringFinding(
            "settings",
            2,
            f"default_language 不是表单的语言；请改为其中之一：{languages}"
            f" / default_language is none of the form's: choose one of {languages}",
            "default_language",
            "language.unknown",
        )


def _untranslated(row: ExpandedRow, languages: Sequence[str]) -> Iterator[str]:
    """Yield the columns of a row that are blank while the same text stands there in another language."""
    texts: dict[str, dict[str, str]] = {}
    for column, value in row.values.items():
        kind, separator, language = column.partition("::")
        if separator and language in languages:
            texts.setdefault(kind, {})[language] = value
    for kind, by_language in texts.items():
        written = {language for language, value in by_language.items() if value.strip(" -")}
        if written:
            yield from (f"{kind}::{language}" for language in languages if language not in written)


def _lint_ranges(rows: Sequence[ExpandedRow]) -> Iterator[AuthoringFinding]:
    for row in rows:
        if row.values.get("type", "").split()[:1] != ["range"]:
            continue
        given = dict(part.split("=", 1) for part in row.values.get("parameters", "").split() if "=" in part)
        try:
            start, end, step = (
                float(given.get(n, d)) for n, d in (("start", "1"), ("end", "10"), ("step", "1"))
            )
        except ValueError:
            continue
        if start >= end or step <= 0:
            yield AuthoringFinding(
                row.sheet,
                row.row,
                f"“{row.values.get('name', '')}”：范围起点须小于终点、步长须大于0；请改正 parameters"
                " / A range starts below its end and steps by more than 0: correct parameters",
                "parameters",
                "range.empty",
            )


def _lint_choice_names(rows: Sequence[ExpandedRow]) -> Iterator[AuthoringFinding]:
    for row in rows:
        name = row.values.get("name", "")
        if len(name.split()) > 1:
            yield AuthoringFinding(
                row.sheet,
                row.row,
                f"选项名称“{name}”不得含空格；请改用下划线 / The choice name {name} must not contain blanks",
                "name",
                "choice.blank-in-name",
            )
