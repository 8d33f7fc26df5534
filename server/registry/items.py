"""The items that the shipped forms inspect, and how plans write them.

A code is the name of the item's group of conclusions in its form.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_BLANK = re.compile(r"\s+")
_ENDING = "；;。，,、"


@dataclass(frozen=True)
class StandardItem:
    """One item of the list that ships: code, name, form, legal basis, what is looked at, other spellings."""

    code: str
    name: str
    form_id: str
    basis: str
    content: str
    aliases: tuple[str, ...]


STANDARD_ITEMS = (
    StandardItem(
        "MINE_OVERSTEP",
        "矿山超层越界检查",
        "mine_overstep",
        "《中华人民共和国矿产资源法》",
        "是否在登记的矿区范围和开采标高之内开采",
        ("超层越界检查", "对矿山超层越界的检查", "超层越界开采检查"),
    ),
    StandardItem(
        "BOUNDARY_MARKER",
        "对界桩的检查",
        "mine_overstep",
        "《中华人民共和国矿产资源法》",
        "界桩是否存在、完好，位置是否与登记坐标一致",
        ("界桩检查", "矿区界桩检查", "界桩的检查"),
    ),
    StandardItem(
        "QUALITY_ORG",
        "测绘质量管理机构设置情况的检查",
        "survey_quality",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "是否设置质量管理机构、明确质量负责人、配备专职质检人员",
        ("测绘质量管理机构设置", "测绘质量管理机构设置情况"),
    ),
    StandardItem(
        "QUALITY_SYSTEM",
        "质量管理制度建立情况的检查",
        "survey_quality",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "质量管理制度是否建立并执行",
        ("质量管理制度建立", "质量管理制度建立情况", "测绘质量管理制度建立情况的检查"),
    ),
    StandardItem(
        "INSTRUMENTS",
        "仪器设备检定情况的检查",
        "survey_quality",
        "《中华人民共和国计量法》《测绘资质管理办法》",
        "在用仪器设备是否在检定或校准有效期内",
        ("仪器设备检定", "仪器设备检定情况"),
    ),
)


def spelling(text: str) -> str:
    """Bring an item's text to the one spelling it is compared in: no blanks, no mark at the end."""
    return _BLANK.sub("", text).rstrip(_ENDING)


def spellings(name: str, aliases: Iterable[str]) -> set[str]:
    """Return every spelling that means an item."""
    return {spelling(name), *(spelling(alias) for alias in aliases)}
