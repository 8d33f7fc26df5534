"""The page of an evidence package that a person reads: Chinese, escaped, without scripts, nothing from elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from server import clock
from server.db import Json
from sync import ALGORITHM

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
_HEAD = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>证据包</title>
<style>
body { font-family: sans-serif; margin: 2em auto; max-width: 64em; padding: 0 1em; line-height: 1.6 }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #999; padding: .3em .6em; text-align: left; vertical-align: top; word-break: break-all }
</style></head><body>
"""
_FOOT = """<p>本页供阅读。是否完整、未改，以核对程序的结果为准：<code>python verify.py 证据包.zip</code></p>
</body></html>
"""


@dataclass(frozen=True)
class Beside:
    """A file beside the page, shown by its SHA-256 and opened by it."""

    sha256: str


def write_index(shown: Json, missing: Sequence[str]) -> bytes:
    """Write the page from a record as `dossier.dossier` shows it; `missing`: hashes of files that have not come."""
    parts = [
        _HEAD,
        f"<h1>证据包：{_text(shown['object_name'])}</h1>",
        _table([], _about(shown)),
        "<h2>填报内容</h2>",
        _table(["项目", "内容"], _answers(shown["answers"], ())),
        "<h2>核对发现</h2>",
        _table(
            ["位置", "类别", "说明"],
            ([each["path"], each["kind"], each["message"]] for each in shown["findings"]),
        ),
        "<h2>附件</h2>",
        _table(["名称", "类型", "字节", "SHA-256", "状态"], _files(shown["files"])),
        f"<p>各版本所记附件中缺失 {len(missing)} 个。</p>",
        "<h2>版本与签名</h2>",
        _table(
            ["版本", "填报人", "设备签名", "封存时间（服务器时间）", "手机时间", "位置", "会签", "标记"],
            (_version(each) for each in shown["versions"]),
        ),
        "<h2>审核</h2>",
        _table(["时间", "审核人", "结论", "意见"], (_decision(each) for each in shown["decisions"])),
        _FOOT,
    ]
    return "\n".join(parts).encode("utf-8")


def _about(shown: Json) -> Iterator[list[Any]]:
    yield ["任务", f"{shown['task_number']} {shown['task_name']}"]
    yield ["检查对象", shown["object_name"]]
    yield ["记录", shown["id"]]
    yield ["表单", f"{shown['form_id']} {shown['form_version']}"]
    yield ["状态", _STATES.get(shown["state"], shown["state"])]
    yield ["填报人", shown["author"]]
    yield ["本页版本", shown["rev"]]
    yield ["标记", "、".join(shown["flags"]) or "无"]


def _answers(node: Json, above: tuple[str, ...]) -> Iterator[list[Any]]:
    """The answers in words, one to a line; groups and rows stand before the question."""
    for child in node.get("children", []):
        label = child["labels"].get("zh") or next(iter(child["labels"].values()), child["name"])
        if child.get("repeat"):
            label = f"{label} {child['path'].rpartition('[')[2].rstrip(']')}"
        if "children" in child:
            yield from _answers(child, (*above, label))
        elif child["display"]["zh"]:
            yield [" › ".join((*above, label)), child["display"]["zh"]]


def _files(files: Iterable[Json]) -> Iterator[list[Any]]:
    for each in files:
        here = each["status"] in {"stored", "durable"}
        digest = Beside(each["sha256"]) if here else each["sha256"]
        yield [each["name"], each["type"], each["size"], digest, "在包内" if here else "缺失"]


def _version(each: Json) -> list[Any]:
    interval = each["clock"] or {}
    return [
        each["rev"],
        each["author"],
        _LEVELS.get(each["evidence_level"], each["evidence_level"]),
        f"{interval.get('not_before') or '不详'} 至 {interval.get('not_after') or clock.iso(each['received_at'])}",
        clock.iso(each["wall_time"]) if each["wall_time"] else "",
        _position(each["position"]),
        "、".join(
            f"{signed['person']}（{signed['role']}{'' if signed['valid'] else '，未核对' if signed['alg'] != ALGORITHM else '，无效'}）"
            for signed in each["attestations"]
        ),
        "、".join(each["flags"]),
    ]


def _position(position: Json | None) -> str:
    if position is None:
        return "无"
    accuracy = position.get("accuracy")
    within = "精度不详" if accuracy is None else f"精度 {accuracy} 米"
    return f"纬度 {position['latitude']}，经度 {position['longitude']}，{within}"


def _decision(each: Json) -> list[Any]:
    verdict = _VERDICTS.get(each["verdict"], each["verdict"])
    return [clock.iso(each["decided_at"]), each["reviewer"], verdict, each["reason"]]


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    titles = f"<tr>{''.join(f'<th>{_text(each)}</th>' for each in head)}</tr>" if head else ""
    lines = [f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows]
    return f"<table>{titles}{''.join(lines)}</table>" if lines else "<p>无。</p>"


def _text(value: Any) -> str:
    if isinstance(value, Beside):
        return f'<a href="media/{escape(value.sha256)}">{escape(value.sha256)}</a>'
    return escape("" if value is None else str(value))
