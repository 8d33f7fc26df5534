"""The page of an evidence package that a person reads of a record, in Chinese."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from server.db import Json
from server.packages import words
from server.packages.markup import FOOT, HEAD, Digest, Doubt, Link, table, text


def write_record(shown: Json, missing: int, home: str | None) -> bytes:
    """Write a record's page as `dossier.dossier` shows it, with the `form_title` beside.

    `missing`: how many files of its versions have not come; `home`: the page of the case file that it is in.
    """
    parts = [
        HEAD,
        f"<p>{text(Link(home, '返回案卷目录'))}</p>" if home else "",
        f"<h1>证据包：{text(shown['object_name'])}</h1>",
        table([], _about(shown)),
        "<h2>填报内容</h2>",
        table(["项目", "内容"], _answers(shown["answers"], (), _links(shown["files"]))),
        "<h2>核对发现</h2>",
        table(
            ["位置", "类别", "说明"],
            ([each["path"], each["kind"], each["message"]] for each in shown["findings"]),
        ),
        "<h2>附件</h2>",
        table(["名称", "类型", "字节", "SHA-256", "状态"], _files(shown["files"])),
        f"<p>各版本所记附件中缺失 {missing} 个。</p>",
        *_other_heads(shown["other_heads"]),
        "<h2>版本与签名</h2>",
        table(
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
        table(
            ["时间", "审核人", "结论", "意见", "要求更正"], (_decision(each) for each in shown["decisions"])
        ),
        FOOT,
    ]
    return "\n".join(parts).encode("utf-8")


def _about(shown: Json) -> Iterator[list[Any]]:
    yield ["任务", f"{shown['task_number']} {shown['task_name']}"]
    yield ["检查对象", shown["object_name"]]
    yield ["记录", shown["id"]]
    yield ["表单", f"{shown['form_title']}（{shown['form_id']} {shown['form_version']}）"]
    yield ["状态", words.STATES.get(shown["state"], shown["state"])]
    yield ["填报人", shown["author"]]
    yield ["本页版本", shown["rev"]]
    yield ["标记", words.flags(shown["flags"])]


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
        elif said := child["display"]["zh"]:
            yield [" › ".join((*above, label)), Link(links[said], said) if said in links else said]


def _is_here(file: Json) -> bool:
    return file["status"] in {"stored", "durable"}


def _files(files: Iterable[Json]) -> Iterator[list[Any]]:
    for each in files:
        here = _is_here(each)
        digest = Link(f"media/{each['sha256']}", each["sha256"]) if here else Digest(each["sha256"] or "")
        yield [each["name"], each["type"], each["size"], digest, "在包内" if here else "缺失"]


def _version(each: Json) -> list[Any]:
    interval = each["clock"] or {}
    level = words.LEVELS.get(each["evidence_level"], each["evidence_level"])
    doubts = [words.DOUBTS.get(doubt, doubt) for doubt in each["key_doubts"]]
    until = words.moment(interval.get("not_after") or each["received_at"])
    return [
        Digest(each["rev"]),
        Digest("、".join(each["parents"]) or "无"),
        each["author"],
        Doubt(f"{level}；{'；'.join(doubts)}") if doubts else level,
        f"{words.moment(interval.get('not_before')) or '不详'} 至 {until}",
        words.moment(each["wall_time"]),
        _position(each["position"]),
        "、".join(_attested(signed) for signed in each["attestations"]) or "无",
        words.flags(each["flags"]),
    ]


def _attested(signed: Json) -> str:
    role: str = signed["role"]
    notes = [words.ROLES.get(role, role), *([] if signed["valid"] else ["无效"])]
    notes += ["仅证明该旧版本"] if signed["voided"] else []
    notes += [words.DOUBTS.get(doubt, doubt) for doubt in signed["key_doubts"]]
    return f"{signed['person']}（{'，'.join(notes)}）"


def _other_heads(compared: Iterable[Json]) -> Iterator[str]:
    """The versions that stand beside the one of the page: what each says otherwise."""
    for each in compared:
        yield f"<h2>并存版本与本页的不同</h2><p>{text(Digest(each['new']))}</p>"
        yield table(
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
        yield f"<h2>合并版本</h2><p>{text(Digest(each['rev']))}</p>"
        yield table(
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
            yield f"<p>{text(Doubt('签名图片来自合并前的版本，并非对本版本签署'))}</p>"


def _position(position: Json | None) -> str:
    if position is None:
        return "无"
    accuracy = position.get("accuracy")
    within = "精度不详" if accuracy is None else f"精度 {accuracy} 米"
    return f"纬度 {position['latitude']}，经度 {position['longitude']}，{within}"


def _decision(each: Json) -> list[Any]:
    verdict = words.VERDICTS.get(each["verdict"], each["verdict"])
    marks = "；".join(f"{mark['path']}：{mark['reason']}" for mark in each["marks"])
    return [
        words.moment(each["decided_at"]),
        each["reviewer"],
        verdict,
        each["reason"] or "无",
        marks or "无",
    ]
