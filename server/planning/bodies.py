"""Who initiates, leads and takes part, as plans write it."""

import re

from server.planning.scan_faults import Repair

_SEPARATOR = re.compile(r"[、,，;；/\n]+")
_BODY = re.compile(r".*(?:局|科|股|室|处|委|委员会|厅|队|办|中心|所|站|政府|分局)$")
_TWICE = Repair(
    "doubled", "同一单位写了两次，读作发起单位与牵头单位", "one body is written twice: it initiates and leads"
)
_BROKEN = Repair("broken_word", "词内空格或换行已去掉", "blanks or line ends inside words were removed")


def read_initiator(text: str) -> tuple[str, str | None, list[Repair]]:
    """Read 发起主体/牵头单位: (who initiates, who leads where it is said, repairs)."""
    names, repairs = read_bodies(text)
    initiator = next((name for name in names if name.endswith("发起")), names[0] if names else "")
    lead = next((name for name in names if name.endswith("牵头")), names[1] if len(names) > 1 else None)
    initiator = initiator.removesuffix("发起").removesuffix("牵头")
    lead = lead.removesuffix("牵头") if lead else None
    if lead and lead == initiator:
        repairs.append(_TWICE)
    return initiator, lead, repairs


def read_bodies(text: str) -> tuple[list[str], list[Repair]]:
    """Read a list of bodies; a blank parts two of them only where both look like one."""
    names: list[str] = []
    repairs: list[Repair] = []
    for part in _SEPARATOR.split(text):
        words = part.split()
        if len(words) > 1 and not all(_BODY.match(word) for word in words):
            words = ["".join(words)]
            repairs.append(_BROKEN)
        names += words
    return names, repairs
