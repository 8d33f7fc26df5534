"""The kind of random inspection (抽查类型): targeted (定向), untargeted (不定向) or both, as plans write it."""

import re

from server.planning.scan_faults import Repair

TARGETED, UNTARGETED = "targeted", "untargeted"
_PARTS = re.compile(r"[、,，;；/和及]+")
_TAIL = re.compile(r"(?:随机)?(?:抽查|检查|抽取)$")
_EXACT = {"定向": TARGETED, "不定向": UNTARGETED}
# What scanners make of the two words: 向 taken for 项, 定 lost.
_MISREAD = {"定项": TARGETED, "项": TARGETED, "向": TARGETED, "不定项": UNTARGETED, "不向": UNTARGETED}
_BLANKS = Repair("broken_word", "词内空格或换行已去掉", "blanks or line ends inside words were removed")
_SPELLING = Repair(
    "misread", "按“定向／不定向”识别扫描误认的字", "misread characters were taken as 定向 or 不定向"
)
_TWICE = Repair("doubled", "同一抽查类型写了两次", "the same kind is written twice")


class UnreadableSampling(ValueError):
    """A kind of inspection that is neither targeted nor untargeted."""


def parse_sampling(text: str) -> tuple[tuple[str, ...], list[Repair]]:
    """Read the kinds in the order they are written, and what had to be repaired to read them."""
    squeezed = re.sub(r"\s+", "", text)
    repairs = [_BLANKS] if squeezed != text.strip() else []
    kinds: list[str] = []
    for part in filter(None, _PARTS.split(squeezed)):
        word = _TAIL.sub("", part)
        kind = _EXACT.get(word) or _MISREAD.get(word)
        if kind is None:
            raise UnreadableSampling(text)
        if word not in _EXACT and _SPELLING not in repairs:
            repairs.append(_SPELLING)
        if kind in kinds:
            repairs.append(_TWICE)
        else:
            kinds.append(kind)
    if not kinds:
        raise UnreadableSampling(text)
    return tuple(kinds), repairs
