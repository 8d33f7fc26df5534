"""How many are to be inspected, as plans write it: `5%`, `≥5%`, `不低于5%`, `100% 1次/年`, `2户`."""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

_AT_LEAST = r"(?:≥|≧|>=|不低于|不少于|不小于|至少|大于等于|大于或等于)"
_SHARE = re.compile(rf"({_AT_LEAST})?(\d{{1,3}}(?:\.\d{{1,4}})?)%(?:的比例)?(以上)?")
_COUNT = re.compile(rf"({_AT_LEAST})?(\d{{1,6}})(户|家|个|件|宗|项|单位|人)(以上)?")
_ALL = re.compile(r"全覆盖|全部|全数|全检")
_NUMERAL = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "六": 6, "十二": 12}
_TIMES = r"(?P<times>\d{1,3}|十二|[一二两三四六])"
_FLOOR = rf"(?P<floor>{_AT_LEAST})?"
_PERIODS = {"年": "year", "半年": "half-year", "季度": "quarter", "季": "quarter", "月": "month"}
_PERIOD = r"(?P<period>半年|年|季度|季|月)"
_FREQUENCY = re.compile(rf"(?:抽查|检查)?{_FLOOR}{_TIMES}次(?:/|每){_PERIOD}度?")
_EVERY = re.compile(rf"[每一]{_PERIOD}度?(?:抽查|检查)?{_FLOOR}{_TIMES}次")
_NOTE = re.compile(r"\([^()]*\)")
_LONGEST = 200


class UnreadableRatio(ValueError):
    """A ratio that says nothing we know how to draw by."""


@dataclass(frozen=True)
class Ratio:
    """A ratio expression (抽查比例): a share in percent or a number of objects, and how often.

    Exactly one of `percent` (above 0, at most 100) and `count` is set. `at_least` is a floor (≥) rather than
    the number itself. `times` inspections (`times_at_least`: or more) in each `period` (year, half-year,
    quarter, month) where said.
    """

    percent: Decimal | None = None
    count: int | None = None
    at_least: bool = False
    times: int | None = None
    times_at_least: bool = False
    period: str | None = None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Write the ratio; the percentage is text, so that no digit is lost."""
        return {
            "percent": None if self.percent is None else format(self.percent.normalize(), "f"),
            "count": self.count,
            "at_least": self.at_least,
            "times": self.times,
            "times_at_least": self.times_at_least,
            "period": self.period,
            "note": self.note,
        }


def parse_ratio(text: str) -> Ratio:
    """Read a ratio expression; UnreadableRatio when a part of it is not understood."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text[:_LONGEST]))
    note = "".join(_NOTE.findall(plain)).strip("()")
    rest, frequency = _take_frequency(_NOTE.sub("", plain))
    rest = rest.strip(",，、;；。/")
    share, count = _SHARE.fullmatch(rest), _COUNT.fullmatch(rest)
    if share and 0 < Decimal(share[2]) <= 100:
        ratio = Ratio(percent=Decimal(share[2]), at_least=bool(share[1] or share[3]))
    elif count and int(count[2]) > 0:
        ratio = Ratio(count=int(count[2]), at_least=bool(count[1] or count[4]))
    elif _ALL.fullmatch(rest):
        ratio = Ratio(percent=Decimal(100))
    else:
        raise UnreadableRatio(text)
    return replace(ratio, note=note, **frequency)


def _take_frequency(text: str) -> tuple[str, dict[str, Any]]:
    """Take `1次/年`, `每年1次`, `每年不少于2次` out of an expression."""
    found = _FREQUENCY.search(text) or _EVERY.search(text)
    if not found:
        return text, {}
    times = int(found["times"]) if found["times"].isdigit() else _NUMERAL[found["times"]]
    frequency = {"times": times, "times_at_least": bool(found["floor"]), "period": _PERIODS[found["period"]]}
    return text[: found.start()] + text[found.end() :], frequency
