"""The strata of a frame: how many are drawn of each by the plan's ratio, and what earlier batches leave of it."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from server.draws.frame import Candidate, Share, Stratum, count_of, number_of, sizes
from server.draws.selection import Exclusion
from server.planning.ratios import Quota, QuotaRule, Ratio, Rounding, class_of, quota
from server.problems import DrawUnusable

EVERYTHING, UNCLASSED = "全部", "未分类"


def reckon(objects: list[Candidate], ratio: Ratio, rule: QuotaRule) -> Quota:
    """Let planning reckon how many are drawn of each stratum."""
    try:
        return quota(ratio, {_key(name): base for name, (base, _) in sizes(objects).items()}, rule)
    except ValueError as error:
        raise DrawUnusable("抽查比例未说明某一风险等级", str(error)) from error


def _key(stratum: str) -> str:
    return "" if stratum in {EVERYTHING, UNCLASSED} else stratum


def leave_out_drawn(
    objects: list[Candidate], before: Mapping[UUID, int], reckoned: Quota, draws: int
) -> None:
    """Leave out what an earlier batch of the year took.

    Where the draws of a year ask for more than a stratum has, as a share of 100 % a quarter does, all of it comes again
    once all of it was drawn.
    """
    strata: dict[str, list[Candidate]] = defaultdict(list)
    for each in objects:
        strata[each["stratum"]].append(each)
    for stratum, its in strata.items():
        base = sum(not each["out"] or each["counted"] for each in its)
        times = {each["id"]: before.get(UUID(each["id"]), 0) for each in its}
        rounds = 0
        if reckoned.strata[_key(stratum)] * draws > base:
            rounds = min((times[each["id"]] for each in its if not each["out"]), default=0)
        for each in its:
            if times[each["id"]] > rounds and each["out"] in {"", Exclusion.FREQUENCY_CAP.value}:
                each["out"], each["counted"] = Exclusion.DRAWN_BEFORE.value, True


def state_strata(
    objects: list[Candidate], ratio: Ratio, rule: QuotaRule, reckoned: Quota
) -> tuple[list[Stratum], Share, list[dict[str, str]]]:
    """State each number so that whoever reads the frame can reckon it again."""
    found = sizes(objects)
    keys = {_key(name): name for name in found}
    rounding = Rounding.CEILING if ratio.at_least else rule.rounding
    strata: list[Stratum] = []
    for key, number in reckoned.strata.items():
        base, available = found[keys[key]]
        percent = ratio.by_class.get(class_of(key), Decimal(0))
        if len(keys) == 1 and ratio.percent is not None:
            percent = ratio.percent
        share = _stated(percent, rounding, number, base)
        stratum: Stratum = {**share, "name": keys[key], "count": 0}
        stratum["count"] = count_of(stratum, base, available)
        strata.append(stratum)
    told, short = _told(reckoned), reckoned.total - sum(each["count"] for each in strata)
    if short:
        told.append(
            {"zh": f"可抽取对象不足，少抽 {short} 个", "en": f"too few can be drawn: {short} are lacking"}
        )
    whole = sum(base for base, _ in found.values())
    total = _stated(ratio.percent or Decimal(0), rounding, reckoned.total, whole)
    return strata, total, told


def _stated(percent: Decimal, rounding: Rounding, number: int, base: int) -> Share:
    """State a number as a share where it is one, else as itself (allotted, fixed, or raised to a floor)."""
    share: Share = {"percent": format(percent.normalize(), "f"), "rounding": rounding.value, "least": 0}
    if number_of(share, base) == number:
        return share
    if number_of(share, base) > number:
        share["percent"] = "0"
    return {**share, "least": number}


def _told(reckoned: Quota) -> list[dict[str, str]]:
    return [{"zh": step.text, "en": step.text_en} for step in reckoned.arithmetic]
