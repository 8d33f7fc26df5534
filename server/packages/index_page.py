"""The pages of an evidence package that a person reads: Chinese, escaped, without scripts, nothing from elsewhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

from server import clock
from server.db import Json
from server.results.codes import FollowupCode, ResultCode

_STATES = {
    "open": "填报中",
    "signed": "已签名",
    "under_review": "待审核",
    "returned": "已退回",
    "conflicted": "多个版本待合并",
    "final": "已办结",
}
_LEVELS = {
    "signed": "设备签名有效",
    "unsigned": "无设备签名",
    "invalid_signature": "设备签名无效",
    "unknown_algorithm": "签名算法未知，未核对",
}
_VERDICTS = {"accepted": "通过", "returned": "退回"}
_ROLES = {"co_inspector": "协检"}
_FLAGS = {
    "task_withdrawn": "任务已撤回",
    "task_reassigned": "任务已改派",
    "not_assigned": "非任务人员",
    "task_done": "任务已完成后新增",
    "late_addendum": "办结后补充",
    "signature_invalid": "设备签名无效",
    "algorithm_unknown": "签名算法未知",
    "device_differs": "由另一台手机上传",
    "form_not_of_task": "非本任务表单",
    "parent_unknown": "缺少前一版本",
    "beacon_unreadable": "时间信标无法核对",
    "beacon_after_receipt": "时间信标晚于收到时间",
    "mono_inconsistent": "手机计时前后不一",
    "clock_offset": "手机时钟偏差较大",
    "wall_before_beacon": "手机时钟早于时间信标",
    "wall_after_receipt": "手机时钟晚于收到时间",
    "wall_moved_backwards": "手机时钟倒退",
    "key_ended": "密钥终止后收到",
    "key_revoked": "密钥吊销后收到",
    "resolved_by_other": "由非主检人员合并",
}
_DOUBTS = {"key_ended": "密钥终止后收到", "key_revoked": "密钥吊销起始时间后收到"}
_TASK_STATES = {"assigned": "已派发", "open": "检查中", "done": "已完成", "withdrawn": "已撤回"}
_RESULT_STATES = {"draft": "待确认", "confirmed": "已确认", "released": "已发布"}
_HEAD = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>证据包</title>
<style>
body { font-family: sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; line-height: 1.6; color: #1a1a1a }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #bbb; padding: .3em .6em; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #f2f2f2; white-space: nowrap }
.digest { font-family: monospace; font-size: .85em }
.doubt { font-weight: bold; color: #9a1b00 }
@media (max-width: 48em) {
  body { margin: 1em auto }
  table.wide, .wide tbody, .wide tr, .wide td { display: block }
  .wide tr.titles { display: none }
  .wide tr { border: 1px solid #bbb; margin-bottom: .8em }
  .wide td { border: 0; border-bottom: 1px solid #eee }
  .wide td::before { content: attr(title) "："; color: #666 }
}
</style></head><body>
"""
_FOOT = """<p>时间为北京时间。本页供阅读。是否完整、未改，以核对程序的结果为准：<code>python verify.py 证据包.zip</code></p>
</body></html>
"""


#: Columns that have room beside each other on a phone.
NARROW: Final = 3


@dataclass(frozen=True)
class Link:
    """A file beside the page, and the words to open it by."""

    path: str
    words: str


@dataclass(frozen=True)
class Digest:
    """A hash, or what is told by one."""

    value: str


@dataclass(frozen=True)
class Doubt:
    """Words that a reader should not miss."""

    words: str


def write_record(shown: Json, missing: int, home: str | None) -> bytes:
    """Write a record's page as `dossier.dossier` shows it, with the `form_title` beside.

    `missing`: how many files of its versions have not come; `home`: the page of the case file that it is in.
    """
    parts = [
        _HEAD,
        f"<p>{_text(Link(home, '返回案卷目录'))}</p>" if home else "",
        f"<h1>证据包：{_text(shown['object_name'])}</h1>",
        _table([], _about(shown)),
        "<h2>填报内容</h2>",
        _table(["项目", "内容"], _answers(shown["answers"], (), _links(shown["files"]))),
        "<h2>核对发现</h2>",
        _table(
            ["位置", "类别", "说明"],
            ([each["path"], each["kind"], each["message"]] for each in shown["findings"]),
        ),
        "<h2>附件</h2>",
        _table(["名称", "类型", "字节", "SHA-256", "状态"], _files(shown["files"])),
        f"<p>各版本所记附件中缺失 {missing} 个。</p>",
        *_other_heads(shown["other_heads"]),
        "<h2>版本与签名</h2>",
        _table(
            [
                "版本",
                "前一版本",
                "填报人",
                "设备签名",
                "封存时间（服务器时间）",
                "手机时间",
                "位置",
                "会签",
                "标记",
            ],
            (_version(each) for each in shown["versions"]),
        ),
        *_resolutions(shown["resolutions"]),
        "<h2>审核</h2>",
        _table(
            ["时间", "审核人", "结论", "意见", "要求更正"], (_decision(each) for each in shown["decisions"])
        ),
        _FOOT,
    ]
    return "\n".join(parts).encode("utf-8")


def write_case(case: Json, records: Sequence[tuple[str, Json]]) -> bytes:
    """Write the page of a case file (案卷): the visit, its records with a page each, and what came of them."""
    task = case["task"]
    parts = [
        _HEAD,
        f"<h1>案卷：{_text(records[0][1]['object_name'])}</h1>",
        _table([], _visit(task)),
        "<h2>检查人员</h2>",
        _table(
            ["姓名", "分工", "执法证号"],
            (
                [each["name"], "主检" if each["role"] == "lead" else "协检", each["certificate"] or "无"]
                for each in task["inspectors"]
            ),
        ),
        f"<h2>检查记录（{len(records)} 份）</h2>",
        _table(
            ["记录", "填报人", "状态", "版本", "附件", "提交时间", "标记"],
            (_line(page, shown) for page, shown in records),
        ),
        "<h2>检查结果</h2>",
        _table(
            ["事项", "结果", "处置", "情况", "整改期限", "状态"],
            (_result(each) for each in case["results"]),
        ),
        _FOOT,
    ]
    return "\n".join(parts).encode("utf-8")


def _visit(task: Json) -> Iterator[list[Any]]:
    yield ["任务", f"{task['number']} {task['name']}"]
    yield ["期限", f"{task['opens_on']} 至 {task['due_on']}"]
    yield ["审批文号", task["approval_no"] or "无"]
    yield ["通知书文号", task["notice_no"] or "无"]
    yield ["状态", _TASK_STATES.get(task["state"], task["state"])]


def _line(page: str, shown: Json) -> list[Any]:
    return [
        Link(page, shown["form_title"]),
        shown["author"],
        _STATES.get(shown["state"], shown["state"]),
        len(shown["versions"]),
        f"{shown['media']['arrived']}/{shown['media']['expected']}",
        _moment(shown["submitted_at"]),
        _flags(shown["flags"]),
    ]


def _result(each: Json) -> list[Any]:
    return [
        each["item_name"],
        "、".join(ResultCode(code).chinese for code in each["codes"]),
        "、".join(FollowupCode(code).chinese for code in each["followups"]),
        each["findings"],
        each["rectify_by"] or "",
        _RESULT_STATES.get(each["state"], each["state"]),
    ]


def _about(shown: Json) -> Iterator[list[Any]]:
    yield ["任务", f"{shown['task_number']} {shown['task_name']}"]
    yield ["检查对象", shown["object_name"]]
    yield ["记录", shown["id"]]
    yield ["表单", f"{shown['form_title']}（{shown['form_id']} {shown['form_version']}）"]
    yield ["状态", _STATES.get(shown["state"], shown["state"])]
    yield ["填报人", shown["author"]]
    yield ["本页版本", shown["rev"]]
    yield ["标记", _flags(shown["flags"])]


def _links(files: Iterable[Json]) -> dict[str, str]:
    """Where the files that are here lie, by name."""
    return {each["name"]: f"media/{each['sha256']}" for each in files if _is_here(each)}


def _answers(node: Json, above: tuple[str, ...], links: Mapping[str, str]) -> Iterator[list[Any]]:
    """The answers in words, one to a line; groups and rows stand before the question, files can be opened."""
    for child in node.get("children", []):
        label = child["labels"].get("zh") or next(iter(child["labels"].values()), child["name"])
        if child.get("repeat"):
            label = f"{label} {child['path'].rpartition('[')[2].rstrip(']')}"
        if "children" in child:
            yield from _answers(child, (*above, label), links)
        elif words := child["display"]["zh"]:
            yield [" › ".join((*above, label)), Link(links[words], words) if words in links else words]


def _is_here(file: Json) -> bool:
    return file["status"] in {"stored", "durable"}


def _files(files: Iterable[Json]) -> Iterator[list[Any]]:
    for each in files:
        here = _is_here(each)
        digest = Link(f"media/{each['sha256']}", each["sha256"]) if here else Digest(each["sha256"] or "")
        yield [each["name"], each["type"], each["size"], digest, "在包内" if here else "缺失"]


def _version(each: Json) -> list[Any]:
    interval = each["clock"] or {}
    level = _LEVELS.get(each["evidence_level"], each["evidence_level"])
    doubts = [_DOUBTS.get(doubt, doubt) for doubt in each["key_doubts"]]
    until = _moment(interval.get("not_after") or each["received_at"])
    return [
        Digest(each["rev"]),
        Digest("、".join(each["parents"]) or "无"),
        each["author"],
        Doubt(f"{level}；{'；'.join(doubts)}") if doubts else level,
        f"{_moment(interval.get('not_before')) or '不详'} 至 {until}",
        _moment(each["wall_time"]),
        _position(each["position"]),
        "、".join(_attested(signed) for signed in each["attestations"]) or "无",
        _flags(each["flags"]),
    ]


def _attested(signed: Json) -> str:
    role: str = signed["role"]
    notes = [_ROLES.get(role, role), *([] if signed["valid"] else ["无效"])]
    notes += ["仅证明该旧版本"] if signed["voided"] else []
    notes += [_DOUBTS.get(doubt, doubt) for doubt in signed["key_doubts"]]
    return f"{signed['person']}（{'，'.join(notes)}）"


def _other_heads(compared: Iterable[Json]) -> Iterator[str]:
    """The versions that stand beside the one of the page: what each says otherwise."""
    for each in compared:
        yield f"<h2>并存版本与本页的不同</h2><p>{_text(Digest(each['new']))}</p>"
        yield _table(
            ["项目", "本页版本", "并存版本"],
            (
                [change["labels"].get("zh") or change["key"], _words(change["old"]), _words(change["new"])]
                for change in each["changes"]
            ),
        )


def _words(side: Json | None) -> str:
    return side["display"]["zh"] if side else ""


def _resolutions(resolutions: Iterable[Json]) -> Iterator[str]:
    """The versions that brought others together: what each has from which, and what is new in it."""
    for each in resolutions:
        yield f"<h2>合并版本</h2><p>{_text(Digest(each['rev']))}</p>"
        yield _table(
            ["项目", "取自版本"],
            (
                [
                    taken["titles"]["zh"],
                    Digest("、".join(taken["from"])) if taken["from"] else Doubt("新填，各版本均无"),
                ]
                for taken in each["taken"]
            ),
        )
        if each["signatures_carried"]:
            yield f"<p>{_text(Doubt('签名图片来自合并前的版本，并非对本版本签署'))}</p>"


def _flags(flags: Iterable[str]) -> str:
    return "、".join(_FLAGS.get(flag, flag) for flag in flags) or "无"


def _moment(moment: datetime | str | None) -> str:
    """A moment in the civil time of the country."""
    if not moment:
        return ""
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return read.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _position(position: Json | None) -> str:
    if position is None:
        return "无"
    accuracy = position.get("accuracy")
    within = "精度不详" if accuracy is None else f"精度 {accuracy} 米"
    return f"纬度 {position['latitude']}，经度 {position['longitude']}，{within}"


def _decision(each: Json) -> list[Any]:
    verdict = _VERDICTS.get(each["verdict"], each["verdict"])
    marks = "；".join(f"{mark['path']}：{mark['reason']}" for mark in each["marks"])
    return [_moment(each["decided_at"]), each["reviewer"], verdict, each["reason"] or "无", marks or "无"]


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table; on a phone each row of one with titles stands as a block of its own, its cells named."""
    titles = "".join(f"<th>{_text(each)}</th>" for each in head)
    lines = [f"<tr>{''.join(_cells(head, row))}</tr>" for row in rows]
    if not lines:
        return "<p>无。</p>"
    opened = '<table class="wide">' if len(head) > NARROW else "<table>"
    opened += f'<tr class="titles">{titles}</tr>' if head else ""
    return f"{opened}{''.join(lines)}</table>"


def _cells(head: Sequence[str], row: Sequence[Any]) -> Iterator[str]:
    if not head:
        name, *rest = row
        yield f"<th>{_text(name)}</th>"
        yield from (f"<td>{_text(cell)}</td>" for cell in rest)
        return
    for title, cell in zip(head, row, strict=True):
        yield f'<td title="{escape(title)}">{_text(cell)}</td>'


def _text(value: Any) -> str:
    match value:
        case Link():
            return f'<a href="{escape(value.path)}">{escape(value.words)}</a>'
        case Digest():
            return f'<span class="digest">{escape(value.value)}</span>'
        case Doubt():
            return f'<span class="doubt">{escape(value.words)}</span>'
    return escape("" if value is None else str(value))
