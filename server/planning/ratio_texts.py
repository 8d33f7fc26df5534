"""Ratios as plans write them: `5%`, `≥5%`, `不低于5%`, `25%/季`, `100% 1次/年`, `2户`, `A类1%、D类10%`."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from server.planning.ratios import Ratio

_AT_LEAST = r"(?:≥|≧|>=|不低于|不少于|不小于|至少|大于等于|大于或等于)"
_SHARE = re.compile(rf"({_AT_LEAST})?(\d{{1,3}}(?:\.\d{{1,4}})?)%(?:的比例)?(以上)?")
_COUNT = re.compile(rf"({_AT_LEAST})?(\d{{1,6}})(户|家|个|件|宗|项|单位|人)(以上)?")
_ALL = re.compile(r"全覆盖|全部|全数|全检")
_NUMERAL = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "六": 6, "十二": 12}
_TIMES = r"(?P<times>\d{1,3}|十二|[一二两三四六])"
_FLOOR = rf"(?P<floor>{_AT_LEAST})?"
_PERIODS = {"年": "year", "半年": "half-year", "季度": "quarter", "季": "quarter", "月": "month"}
_PERIOD_NAMES = {"year": "年", "half-year": "半年", "quarter": "季", "month": "月"}
_PERIOD = r"(?P<period>半年|年|季度|季|月)"
_FREQUENCY = re.compile(rf"(?:抽查|检查)?{_FLOOR}{_TIMES}次(?:/|每){_PERIOD}度?")
_EVERY = re.compile(rf"[每一]{_PERIOD}度?(?:抽查|检查)?{_FLOOR}{_TIMES}次")
# 25%/季, 每季度25%: one draw in each period.
_PER_PERIOD = re.compile(rf"(?<=%)(?:/|每){_PERIOD}度?$")
_EACH_PERIOD = re.compile(rf"^[每]{_PERIOD}度?(?:抽查|检查)?(?=\D{{0,5}}\d)")
_NOTE = re.compile(r"\([^()]*\)")
_CLASSES = {"低风险": "A", "一般风险": "B", "中风险": "B", "较高风险": "C", "高风险": "D"}
_CLASS = rf"(?P<name>[A-D]|{'|'.join(_CLASSES)})"
_OF_CLASS = re.compile(
    rf"{_CLASS}(?:[类级])?(?:企业|主体|对象)?[:为]?(?P<share>[^A-D类级险,，、;；]+?%(?:以上)?)"
)
_PARTS = re.compile(r"[,，、;；]+")
_PERCENT_CELL = re.compile(r"0\.\d{1,6}")
_LONGEST = 200


class UnreadableRatio(ValueError):
    """A ratio that says nothing we know how to draw by."""


def parse_ratio(text: str) -> Ratio:
    """Read a ratio expression; UnreadableRatio when a part of it is not understood."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text[:_LONGEST]))
    note = "".join(_NOTE.findall(plain)).strip("()")
    rest, frequency = _take_frequency(_NOTE.sub("", plain))
    rest = rest.strip(",，、;；。/")
    ratio = _read_share(rest) or _read_count(rest) or _read_classes(rest)
    if ratio is None:
        raise UnreadableRatio(text)
    return replace(ratio, note=note, **frequency)


def parse_frequency(text: str) -> dict[str, Any]:
    """Read how often, where a column of its own says it: `1次/年`, `每年不少于2次`; empty text says nothing.

    UnreadableRatio when it is not understood.
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text[:_LONGEST]))
    if not plain:
        return {}
    rest, frequency = _take_frequency(_NOTE.sub("", plain))
    bare = re.fullmatch(rf"{_FLOOR}{_TIMES}次?", rest)
    if bare and not frequency:
        return _frequency(bare, "年")  # an annual plan counts by the year
    if rest.strip(",，、;；。/") or not frequency:
        raise UnreadableRatio(text)
    return frequency


def with_frequency(ratio: Ratio, frequency: Mapping[str, Any]) -> Ratio:
    """Add what a column of its own says of how often; what the ratio itself says goes before it."""
    return ratio if ratio.period else replace(ratio, **frequency)


def as_percent(text: str) -> str:
    """Write what a cell in percent format holds (0.05) as the percentage that people saw (5%); other text as it is."""
    if not _PERCENT_CELL.fullmatch(text):
        return text
    return f"{Decimal(text) * 100:f}".rstrip("0").rstrip(".") + "%"


def write_ratio(ratio: Ratio) -> str:
    """Write a ratio so that `parse_ratio` reads it as the same."""
    floor = "≥" if ratio.at_least else ""
    shares = ratio.as_json()
    if ratio.count is not None:
        words = f"{floor}{ratio.count}户"
    elif ratio.percent is not None:
        words = f"{floor}{shares['percent']}%"
    else:
        words = "、".join(f"{key}类{floor}{percent}%" for key, percent in shares["by_class"].items())
    if ratio.period:
        least = "不少于" if ratio.times_at_least else ""
        words += f"，{least}{ratio.times or 1}次/{_PERIOD_NAMES[ratio.period]}"
    return f"{words}（{ratio.note}）" if ratio.note else words


def _read_share(text: str) -> Ratio | None:
    share = _SHARE.fullmatch(text)
    if share and 0 < Decimal(share[2]) <= 100:
        return Ratio(percent=Decimal(share[2]), at_least=bool(share[1] or share[3]))
    return Ratio(percent=Decimal(100)) if _ALL.fullmatch(text) else None


def _read_count(text: str) -> Ratio | None:
    count = _COUNT.fullmatch(text)
    if count and int(count[2]) > 0:
        return Ratio(count=int(count[2]), at_least=bool(count[1] or count[4]))
    return None


def _read_classes(text: str) -> Ratio | None:
    """Read a share for each of the four classes: all of them, each once."""
    shares: dict[str, Ratio] = {}
    for part in filter(None, _PARTS.split(text)):
        found = _OF_CLASS.fullmatch(part)
        share = _read_share(found["share"]) if found else None
        if not found or not share:
            return None
        name = _CLASSES.get(found["name"], found["name"])
        if name in shares:
            return None
        shares[name] = share
    if set(shares) != set("ABCD") or len({share.at_least for share in shares.values()}) > 1:
        return None
    by_class = {key: shares[key].percent or Decimal(0) for key in "ABCD"}
    return Ratio(by_class=by_class, at_least=shares["A"].at_least)


def _take_frequency(text: str) -> tuple[str, dict[str, Any]]:
    """Take `1次/年`, `每年1次`, `每年不少于2次`, `/季` out of an expression."""
    found = _FREQUENCY.search(text) or _EVERY.search(text)
    if found:
        return text[: found.start()] + text[found.end() :], _frequency(found, found["period"])
    found = _PER_PERIOD.search(text) or _EACH_PERIOD.search(text)
    if found:
        period = {"times": 1, "times_at_least": False, "period": _PERIODS[found["period"]]}
        return text[: found.start()] + text[found.end() :], period
    return text, {}


def _frequency(found: re.Match[str], period: str) -> dict[str, Any]:
    times = int(found["times"]) if found["times"].isdigit() else _NUMERAL[found["times"]]
    if not times:
        raise UnreadableRatio(found.string)
    return {"times": times, "times_at_least": bool(found["floor"]), "period": _PERIODS[period]}
