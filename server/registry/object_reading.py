"""Reading the rows of objects, licences and markers in a workbook; what is wrong is told, not raised.

One sheet has a row for each object, with the columns of its licence where it has one; a sheet with marker columns may
stand beside it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from forms.geodesy import CornerFinding, Severity
from server.problems import LabelUnknown
from server.registry import columns
from server.registry.drafts import ImportedObject, LicenceDraft, MarkerDraft, ObjectDraft
from server.registry.import_report import ImportReport
from server.registry.labels import labels_meant
from server.registry.licence_reading import place_markers, read_elevations, read_licence
from server.registry.licences import position_of
from server.registry.models import LicenceKind, ObjectKind
from server.registry.repeats import tell_contradictions, tell_repeats
from server.registry.uscc import check_uscc
from server.workbook import Row, Sheet, find_table, require_table

_TEXTS = ("library", "entity_type", "registrar", "registration_status", "station", "district", "source")


@dataclass(frozen=True)
class _MarkerRow:
    """A marker and the row it stands in; no draft where the row is wrong."""

    row: Row
    draft: MarkerDraft | None


def read_objects(
    sheets: Sequence[Sheet], report: ImportReport, labels: Mapping[str, str], home: str
) -> list[ImportedObject]:
    """Read the rows of objects and markers; errors and findings go into the report.

    `labels` are the labels that spellings of tags mean; empty while no label is kept. An object without a region lies at
    `home`. An object may have a row for each of its licences.
    """
    table = require_table(sheets, columns.OBJECTS)
    report.sheet = table.sheet.name
    given = frozenset(table.places)
    of_licence = _of_licence(given)
    markers = _read_markers(sheets, report)
    read: list[tuple[Row, ImportedObject]] = []
    for row in table.rows():
        report.rows += 1
        draft = _read_object(row, labels, given)
        licence = _read_licence(row, of_licence)
        marker_rows = markers.pop(licence.licence_no, []) if licence else []
        its_markers = tuple(each.draft for each in marker_rows if each.draft)
        if len(its_markers) < len(marker_rows):
            # Markers are entered as a whole: without the wrong ones, those known before would be removed.
            row.wrong("licence_no", "其界桩有错误行", "some of its markers are wrong")
        _check(row, draft, licence, its_markers, report)
        read.append((row, ImportedObject(row.number, draft, licence, its_markers)))
    _tell_repeats(read, home)
    for row, _ in read:
        report.errors += row.errors
    for orphan in (each.row for orphans in markers.values() for each in orphans if each.draft):
        orphan.wrong("licence_no", "没有可导入的这个许可证", "no licence of this number is imported with it")
        report.errors += orphan.errors
    return [each for row, each in read if row.good]


def _tell_repeats(read: Sequence[tuple[Row, ImportedObject]], home: str) -> None:
    """Tell rows of one object that say different things of it, and rows of one licence, or of none, that are there twice."""
    keys = [(each.draft.region or home, each.draft.kind, each.draft.name) for _, each in read]
    rows = [(row, key, each) for (row, each), key in zip(read, keys, strict=True)]
    tell_contradictions(((row, key, replace(each.draft, region=key[0])) for row, key, each in rows), "name")
    tell_repeats(((row, each.licence.licence_no) for row, _, each in rows if each.licence), "licence_no")
    tell_repeats(((row, key) for row, key, each in rows if not each.licence), "name")


def _read_object(row: Row, labels: Mapping[str, str], given: frozenset[str]) -> ObjectDraft:
    said = row.choice("specialised", columns.YES_OR_NO)
    return ObjectDraft(
        name=row.text("name", required=True),
        kind=ObjectKind(row.choice("kind", columns.OBJECT_KINDS) or ObjectKind.ENTERPRISE),
        region=_region(row),
        uscc=row.text("uscc", longest=32) or None,
        registration_no=row.text("registration_no", longest=32) or None,
        address=row.text("address"),
        legal_representative=row.text("legal_representative", longest=60),
        phone=row.text("phone", longest=40) or None,
        risk_class=row.choice("risk_class", columns.RISK_CLASSES),
        risk_source=row.text("risk_source"),
        risk_since=row.day("risk_since"),
        tags=_tags(row, labels),
        latitude=row.number_of("latitude", least=3, most=54),
        longitude=row.number_of("longitude", least=73, most=136),
        owner=row.text("owner"),
        **{name: row.text(name) or None for name in _TEXTS},
        established_on=row.day("established_on"),
        specialised=None if said is None else said == "yes",
        qualifications=_listed(row, "qualifications"),
        experts=_listed(row, "experts"),
        given=given,
    )


def _tags(row: Row, labels: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return labels_meant(row.words("tags"), labels)
    except LabelUnknown as problem:
        row.wrong(
            "tags", f"标签不在统一标签表中：{problem.detail}", f"no label of the list: {problem.detail_en}"
        )
        return ()


def _listed(row: Row, key: str) -> tuple[str, ...]:
    """Read a list of words; 无 means that there are none."""
    return tuple(word for word in row.words(key) if word != "无")


def _region(row: Row) -> str:
    region = row.text("region")
    if region and not (len(region) == 6 and region.isdigit()):
        row.wrong("region", "行政区划代码应为 6 位数字", "a division code has 6 digits")
    return region


def _read_licence(row: Row, given: frozenset[str]) -> LicenceDraft | None:
    licence_no = row.text("licence_no", longest=60)
    if not licence_no:
        if row.cells.get("corners"):
            row.wrong("licence_no", "有拐点坐标而没有许可证号", "corner points without a licence number")
        return None
    upper, lower = _elevations(row)
    return LicenceDraft(
        licence_no=licence_no,
        kind=LicenceKind(row.choice("licence_kind", columns.LICENCE_KINDS) or LicenceKind.MINING),
        holder=row.text("holder") or row.text("name"),
        issuer=row.text("issuer"),
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to"),
        mineral=row.text("mineral") or None,
        method=row.text("method") or None,
        scale=row.text("scale") or None,
        grade=row.text("grade") or None,
        scope=row.text("scope", longest=1000) or None,
        area_km2=row.number_of("area_km2", least=0, most=100_000),
        elevation_upper=upper,
        elevation_lower=lower,
        corners=row.text("corners", longest=32_767),
        zone=row.whole_number("zone", least=13, most=45),
        given=given,
    )


def _of_licence(columns_there: frozenset[str]) -> frozenset[str]:
    """Say what a table tells of licences, by the names of a draft."""
    given = columns_there - {"kind"}  # which is the object's
    if "licence_kind" in columns_there:
        given |= {"kind"}
    if "elevation" in columns_there:
        given |= {"elevation_upper", "elevation_lower"}
    return given


def _elevations(row: Row) -> tuple[float | None, float | None]:
    """Read 开采标高 from its own columns, or from words like 由+850米至+620米标高."""
    upper = row.number_of("elevation_upper", least=-5000, most=9000)
    lower = row.number_of("elevation_lower", least=-5000, most=9000)
    text = row.text("elevation")
    if not text:
        return upper, lower
    found = read_elevations(text)
    if found is None:
        row.wrong("elevation", f"无法识别开采标高：{text[:40]}", f"elevations not understood: {text[:40]}")
        return upper, lower
    return found


def _check(
    row: Row,
    draft: ObjectDraft,
    licence: LicenceDraft | None,
    markers: tuple[MarkerDraft, ...],
    report: ImportReport,
) -> None:
    """Note what can be told before anything is entered: the credit code, the polygon, the markers."""
    if draft.uscc:
        checked = check_uscc(draft.uscc)
        if not checked.valid:
            finding = CornerFinding("uscc", Severity.WARNING, checked.reason, checked.reason_en)
            report.findings.append(_as_finding(row, "uscc", finding))
    if not licence:
        return
    reading = read_licence(licence, position_of(draft))
    _sort(row, "corners", reading.findings, report)
    if markers and reading.polygon is None:
        row.wrong("licence_no", "有界桩而没有可用的矿区范围", "markers without a usable area")
    elif reading.polygon:
        _, findings = place_markers(reading.polygon, markers)
        _sort(row, "licence_no", findings, report)


def _sort(row: Row, key: str, findings: Sequence[CornerFinding], report: ImportReport) -> None:
    """Errors are errors of the row; everything else is told with it."""
    for finding in findings:
        if finding.severity is Severity.ERROR:
            line = f"（第 {finding.row} 行）" if finding.row else ""
            line_en = f" (line {finding.row})" if finding.row else ""
            row.wrong(key, finding.message + line, finding.message_en + line_en)
        else:
            report.findings.append(_as_finding(row, key, finding))


def _as_finding(row: Row, key: str, finding: CornerFinding) -> dict[str, object]:
    return {
        **finding.as_json(),
        "row": row.number,
        "column": row.headings.get(key, key),
        "line": finding.row,
    }


def _read_markers(sheets: Sequence[Sheet], report: ImportReport) -> dict[str, list[_MarkerRow]]:
    markers: dict[str, list[_MarkerRow]] = defaultdict(list)
    table = find_table(sheets, columns.MARKERS)
    for row in table.rows() if table else ():
        licence_no = row.text("licence_no", required=True, longest=60)
        marker_no = row.text("marker_no", required=True, longest=40)
        x, y = row.number_of("x"), row.number_of("y")
        for key, value in (("x", x), ("y", y)):
            if value is None and row.cells.get(key) is None:
                row.wrong(key, "不能为空", "must not be empty")
        corner, elevation = (
            row.text("corner", longest=20) or None,
            row.number_of("elevation", least=-500, most=9000),
        )
        kind = row.choice("kind", columns.MARKER_KINDS) or ("corner" if corner else "extra")
        report.errors += row.errors
        is_whole = row.good and x is not None and y is not None
        draft = MarkerDraft(marker_no, x or 0, y or 0, corner, kind, elevation) if is_whole else None
        markers[licence_no].append(_MarkerRow(row, draft))
    return markers
