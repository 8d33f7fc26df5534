"""Reading the rows of inspectors, with their certificates and exams; what is wrong is told, not raised.

One sheet has a row for each inspector with one certificate, and a second one where the provincial government issued
it; a sheet of further certificates may stand beside it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from server.access import Role
from server.registry import columns
from server.registry.drafts import CertificateDraft, PageDraft
from server.registry.import_report import ImportReport
from server.registry.repeats import tell_repeats
from server.registry.spellings import spelling
from server.workbook import Row, Sheet, find_table, require_table

_TEXTS = (
    "function", "post_class", "gender", "born", "phone", "work_no", "unit", "department", "duty", "district",
    "education", "major", "title",
)  # fmt: skip
_LEFT_OUT = {
    "kind": "identity_no",
    "severity": "note",
    "message": "身份证号不导入：以执法证号识别人员（个人信息最小必要）",
    "message_en": "Identity numbers are not kept: the certificate tells people apart",
    "line": None,
}


_Certified = tuple[Row, CertificateDraft]


@dataclass(frozen=True)
class ImportedInspector:
    """An inspector of an import; `exams` by year, whether it was passed. Without a `role` nobody said which."""

    row: int
    username: str
    name: str
    role: Role | None
    certificates: tuple[CertificateDraft, ...]
    page: PageDraft
    exams: Mapping[int, bool]


def read_inspectors(
    sheets: Sequence[Sheet], issuer: str, codes: Mapping[str, str], report: ImportReport
) -> list[ImportedInspector]:
    """Read the rows of inspectors; `issuer` stands where none is written, `codes` are the items by spelling."""
    read: list[tuple[Row, ImportedInspector | None]] = []
    further = _read_certificates(sheets, issuer, report)
    table = require_table(sheets, columns.INSPECTORS)
    report.sheet = table.sheet.name
    if "identity_no" in table.places:
        told = {"row": table.header_row, "column": table.headings["identity_no"]}
        report.findings.append(_LEFT_OUT | told)
    for row in table.rows():
        report.rows += 1
        read.append((row, _read_inspector(row, issuer, codes, further)))
    tell_repeats(((row, each.username) for row, each in read if each), "username")
    for row, _ in read:
        report.errors += row.errors
    there = {str(row.cells.get("username")) for row, _ in read}
    for row, _ in (each for holder, its in further.items() if holder not in there for each in its):
        row.wrong("holder", "没有可导入的这个人员", "nobody of this user name is imported with it")
        report.errors += row.errors
    return [each for row, each in read if each and row.good]


def _read_inspector(
    row: Row, issuer: str, codes: Mapping[str, str], further: Mapping[str, list[_Certified]]
) -> ImportedInspector | None:
    username = row.text("username", required=True, longest=60)
    name = row.text("name", required=True, longest=60)
    role = row.choice("role", columns.ROLES)
    certificate = _read_certificate(row, issuer)
    if certificate is None:
        return None
    government = _read_government_certificate(row)
    held = [
        certificate,
        *([government] if government else []),
        *(each for _, each in further.get(username, ())),
    ]
    page = PageDraft(
        **{key: row.text(key) if key in row.headings else None for key in _TEXTS},
        scope=_scope(row, codes),
        tags=row.words("tags") if "tags" in row.headings else None,
        qualifications=row.words("qualifications") if "qualifications" in row.headings else None,
        post_since=row.day("post_since"),
    )
    exams = dict.fromkeys(_years(row, "exams_failed"), False)
    exams |= dict.fromkeys(_years(row, "exams_passed"), True)
    return ImportedInspector(
        row.number, username, name, Role(role) if role else None, tuple(held), page, exams
    )


def _read_certificate(row: Row, issuer: str) -> CertificateDraft | None:
    number = row.text("number", required=True, longest=32)
    valid_to, valid_from = row.day("valid_to", required=True), row.day("valid_from")
    kind = row.choice("certificate_kind", columns.CERTIFICATE_KINDS)
    if valid_to is None:
        return None
    if valid_from and valid_from > valid_to:
        row.wrong("valid_to", "有效期止早于有效期起", "the certificate ends before it begins")
    written = row.text("issuer")
    given = frozenset(row.headings) - (set() if written else {"issuer"})
    return CertificateDraft(number, written or issuer, valid_from or date.min, valid_to, kind, given=given)


def _read_government_certificate(row: Row) -> CertificateDraft | None:
    number = row.text("government_number", longest=32)
    if not number:
        return None
    valid_to = row.day("government_valid_to", required=True)
    if valid_to is None:
        return None
    return CertificateDraft(
        number, "省政府", date.min, valid_to, "government", given=frozenset({"issuer", "valid_to"})
    )


def _read_certificates(
    sheets: Sequence[Sheet], issuer: str, report: ImportReport
) -> dict[str, list[_Certified]]:
    held: dict[str, list[_Certified]] = defaultdict(list)
    table = find_table(sheets, columns.CERTIFICATES)
    for row in table.rows() if table else ():
        holder = row.text("holder", required=True, longest=60)
        certificate = _read_certificate(row, issuer)
        if certificate and row.good:
            held[holder].append((row, certificate))
        report.errors += row.errors
    return held


def _scope(row: Row, codes: Mapping[str, str]) -> tuple[str, ...] | None:
    """Read the items that a person may inspect, by code or by name; 全部, or nothing, means all."""
    if "scope" not in row.headings:
        return None
    words = [word for word in row.words("scope") if word != "全部"]
    for word in words:
        if spelling(word) not in codes:
            row.wrong("scope", f"没有这个抽查事项：{word[:40]}", f"no such item: {word[:40]}")
    return tuple(dict.fromkeys(codes[spelling(word)] for word in words if spelling(word) in codes))


def _years(row: Row, key: str) -> list[int]:
    years = []
    for word in row.words(key):
        year = word.removesuffix("年度").removesuffix("年")
        if year.isascii() and year.isdigit() and 2000 <= int(year) <= 2100:
            years.append(int(year))
        else:
            row.wrong(key, f"不是年度：{word[:20]}", f"is no year: {word[:20]}")
    return years
