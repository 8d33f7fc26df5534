"""What is printed, block by block: the one order in which a data set becomes a sheet of paper.

A block is JSON that the layout (`layout/document.typ`) knows: `pairs`, `table`, `heading`, `text`, `signatures`, `boxes`
(room for handwriting), `closing`, `photos`. Every word on the paper stands in one of them, so that a hash over them is a
hash over the paper.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Final

from server.db import Json
from server.documents.after import Rectification, ResultSheet, Revisit, Transfer
from server.documents.before import Approval, Notice
from server.documents.fields import BLANK, DataSet, Row
from server.documents.rows import Signature
from server.documents.visiting import OnSiteRecord

_TRUE_RECORD: Final = "以上笔录经被检查单位现场负责人核对，签名表示笔录属实。"
_REFUSED: Final = "被检查单位拒绝签名（盖章）或不在场，由见证人签名证明检查确已进行。"
_BOUND: Final = (
    "签名图像在现场由手机采集，其哈希值写入上列 SHA-256 所指的记录原文；原文改动一字，核验即不通过。"
)
_SHORT: Final = 22  # characters that half a line holds
_DIGEST: Final = 16
_ENDS: Final = ("。", "！", "？", "；", ".", "…")


def blocks_of(data: DataSet) -> list[Json]:
    """Write a data set as blocks."""
    match data:
        case Approval():
            return _approval(data)
        case Notice():
            return _notice(data)
        case OnSiteRecord():
            return _record(data)
        case Rectification():
            return _rectification(data)
        case Transfer():
            return _transfer(data)
        case ResultSheet() | Revisit():
            return [*_sheet(data, ()), _boxes("检查人员签名", "审核人签名"), _closing(data)]
    raise TypeError(f"no layout for {type(data).__name__}")


def _approval(data: Approval) -> list[Json]:
    return [
        *_sheet(data, ()),
        _boxes("承办人意见", "承办机构负责人意见", "行政机关负责人审批意见"),
        _closing(data),
    ]


def _notice(data: Notice) -> list[Json]:
    purpose = f"根据{_bases(data.items)}，本机关定于{data.period}对你单位（个人）进行行政检查，现将有关事项通知如下："
    return [
        _address(data.object_name),
        _text(purpose),
        *_sheet(data, ("object_name", "discipline", "remedies", "contact")),
        _text(f"检查人员应当主动出示执法证件，并遵守下列纪律：{_sentence(data.discipline)}"),
        _text(f"你单位（个人）的权利和救济途径：{_sentence(data.remedies)}"),
        _text(f"联系人和联系电话：{_sentence(data.contact)}"),
        _closing(data, "（印章）"),
        _boxes("送达人签名、日期", "签收人签名、日期"),
    ]


def _record(data: OnSiteRecord) -> list[Json]:
    refused = data.refused == "是"
    return [
        *_sheet(data, ("signatures", "evidence", "vouching", "rev", "form")),
        _text(_REFUSED if refused else _TRUE_RECORD),
        _signatures(data.signatures),
        _table("数字签名", data.vouching),
        {
            "kind": "pairs",
            "rows": _laid([("记录内容 SHA-256", data.rev, True), ("表单版本", data.form, True)]),
        },
        _text(_BOUND),
        _closing(data),
        *([_table("现场取证清单", [_shortened(each) for each in data.evidence])] if data.evidence else []),
        *_photos(data),
    ]


def _rectification(data: Rectification) -> list[Json]:
    clause = f"现场检查记录的违反条款：{data.clause}。" if data.clause else ""
    return [
        _address(data.object_name),
        _text(
            f"本机关于{data.inspected_on}对你单位（个人）进行了行政检查（任务 {data.task_no} {data.task_name}，"
            f"抽查事项：{data.item}），发现下列问题："
        ),
        _text(_sentence(data.findings)),
        _text(f"{clause}检查依据：{_sentence(data.basis)}"),
        _text(f"现责令你单位（个人）于{data.rectify_by or BLANK}前改正，改正要求：{_sentence(data.demands)}"),
        _text("改正完毕后，请将改正情况书面报告本机关，本机关将组织复查。"),
        _text(f"权利和救济途径：{_sentence(data.remedies)}"),
        {
            "kind": "pairs",
            "rows": _laid(
                [
                    ("统一社会信用代码", data.uscc, False),
                    ("法定代表人（负责人）", data.legal_rep, False),
                    ("住所（经营场所）", data.address, True),
                    ("联系人和联系电话", data.contact, True),
                ]
            ),
        },
        _table("检查人员", data.inspectors),
        _closing(data, "（印章）"),
        _boxes("送达人签名、日期", "签收人签名、日期"),
    ]


def _transfer(data: Transfer) -> list[Json]:
    clause = f"涉嫌违反的条款（现场检查记录）：{data.clause}。" if data.clause else ""
    return [
        _address(data.to_body),
        _text(
            f"本机关于{data.inspected_on}对{data.object_name}（统一社会信用代码：{data.uscc or BLANK}）进行了行政检查"
            f"（任务 {data.task_no} {data.task_name}，抽查事项：{data.item}），发现下列线索："
        ),
        _text(_sentence(data.findings)),
        _text(f"{clause}检查依据：{_sentence(data.basis)}"),
        _text(f"移送类别：{data.transfer_kind}。移送理由：{_sentence(data.reason)}"),
        _text("现将有关材料移送你单位，请依法处理，并将受理和处理情况书面告知本机关。"),
        _table("随附材料", data.attachments),
        {
            "kind": "pairs",
            "rows": _laid([("被检查单位住所", data.address, True), ("联系人和联系电话", data.contact, True)]),
        },
        _table("检查人员", data.inspectors),
        _closing(data, "（印章）"),
        _boxes("送件人签名、日期", "收件人签名、日期"),
    ]


def _sheet(data: DataSet, without: Iterable[str]) -> list[Json]:
    """All fields in their order: short ones two on a line, long ones over the width, rows as tables."""
    left_out = {*without, "number", "issued_on", "organisation"}
    found: list[Json] = []
    waiting: list[tuple[str, str, bool]] = []
    for each in fields(data):
        value = getattr(data, each.name)
        if each.name in left_out or not each.metadata.get("label"):
            continue
        if isinstance(value, str):
            waiting.append((each.metadata["label"], value, each.metadata["wide"] or len(value) > _SHORT))
        elif value:
            found += [*_pairs(waiting), *_tables(each.metadata["label"], value)]
            waiting = []
    return [*found, *_pairs(waiting)]


def _tables(label: str, rows: Sequence[Any]) -> list[Json]:
    if hasattr(rows[0], "lines"):
        return [
            block
            for section in rows
            for block in (
                {"kind": "heading", "text": section.title},
                {"kind": "pairs", "rows": _laid([(line.label, line.value, True) for line in section.lines])},
            )
        ]
    return [_table(label, rows)]


def _table(title: str, rows: Sequence[Row]) -> Json:
    """A table of rows; a column in which nothing is said is left out."""
    columns = [each for each in type(rows[0]).columns() if any(getattr(row, each[0]) for row in rows)]
    return {
        "kind": "table",
        "title": title,
        "columns": [label for _, label in columns],
        "rows": [[getattr(row, name) or BLANK for name, _ in columns] for row in rows],
    }


def _pairs(pairs: list[tuple[str, str, bool]]) -> list[Json]:
    return [{"kind": "pairs", "rows": _laid(pairs)}] if pairs else []


def _laid(pairs: Iterable[tuple[str, str, bool]]) -> list[list[Json]]:
    """Lay pairs out in lines: a wide one alone, two short ones beside each other."""
    lines: list[list[Json]] = []
    half: list[Json] = []
    for label, value, wide in pairs:
        cell: Json = {"label": label, "value": value or BLANK}
        if wide:
            if half:
                lines.append(half)
                half = []
            lines.append([cell])
            continue
        half.append(cell)
        if len(half) == 2:
            lines.append(half)
            half = []
    return [*lines, half] if half else lines


def _signatures(signatures: Sequence[Signature]) -> Json:
    return {
        "kind": "signatures",
        "items": [
            {
                "label": each.role,
                "name": each.name or BLANK,
                "sha256": each.sha256,
                "digest": each.sha256[:_DIGEST],
            }
            for each in signatures
        ],
    }


def _shortened(row: Any) -> Any:
    digest = f"{row.sha256[:_DIGEST]}…" if row.sha256 else ""
    return type(row)(**{each.name: getattr(row, each.name) for each in fields(row)} | {"sha256": digest})


def _photos(data: OnSiteRecord) -> list[Json]:
    photos = [each for each in data.evidence if each.kind == "照片" and each.sha256]
    if not photos:
        return []
    return [
        {
            "kind": "photos",
            "items": [
                {
                    "sha256": each.sha256,
                    "caption": f"照片 {each.number}  {each.about}",
                    "note": "；".join(part for part in (each.captured_at, each.position) if part),
                    "digest": each.sha256[:_DIGEST],
                }
                for each in photos
            ],
        }
    ]


def _sentence(text: str) -> str:
    """End what somebody wrote as a sentence ends; what is empty is struck out."""
    return text if text.endswith(_ENDS) else f"{text or BLANK}。"


def _bases(items: Iterable[Any]) -> str:
    """The legal bases of the items, each once; none is added to what the item list says."""
    return "、".join(dict.fromkeys(each.basis for each in items if each.basis)) or BLANK


def _address(to: str) -> Json:
    """To whom it goes; in a draft there is room for it as long as nobody said."""
    return {"kind": "address", "text": f"{to or '＿' * 12}："}


def _text(text: str) -> Json:
    return {"kind": "text", "text": text}


def _boxes(*labels: str) -> Json:
    return {"kind": "boxes", "items": list(labels)}


def _closing(data: DataSet, seal: str = "") -> Json:
    return {
        "kind": "closing",
        "lines": [data.organisation, *([seal] if seal else []), data.issued_on or "　　年　月　日"],
    }
