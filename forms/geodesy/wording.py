"""How verdicts speak: in both languages, with figures that hide no uncertainty and read as they were decided."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]

MOST_DECIMALS = 3


class Words(NamedTuple):
    """The same in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return one of the two."""
        return self.en if language == "en" else self.zh


class Labelled:
    """What an enumeration of states inherits to have its labels; it only says its words."""

    @property
    def words(self) -> Words:
        """Return the state in Chinese and English."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """Return the state in Chinese."""
        return self.words.zh

    @property
    def label_en(self) -> str:
        """Return the state in English."""
        return self.words.en


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nothing could be decided; `code` is stable."""

    code: str
    words: Words

    def as_json(self) -> dict[str, str]:
        """Return the reason as a finding carries it."""
        return {"code": self.code, "message": self.words.zh, "message_en": self.words.en}


def rounded_up(value: float, decimals: int = MOST_DECIMALS) -> float:
    """Round away from zero, as an uncertainty is rounded: never shown smaller than it is."""
    scale = 10.0**decimals
    # 0.3 * 1000 is a little more than 300: noise of the twelfth digit must not add a millimetre.
    return math.ceil(round(value * scale, 6)) / scale


def rounded(value: float, decimals: int = MOST_DECIMALS) -> float:
    """Round to the nearest; a millimetre unless told otherwise, and never minus zero."""
    return round(value, decimals) + 0.0


def metres(value: float, decimals: int) -> str:
    """Return metres as text, to the nearest."""
    return f"{rounded(value, decimals):.{decimals}f}"


def metres_up(value: float, decimals: int) -> str:
    """Return metres of an uncertainty as text, rounded up."""
    return f"{rounded_up(value, decimals):.{decimals}f}"


def decimals_that_read(uncertainty: float, reads: Callable[[int], bool]) -> int:
    """Return how many decimals to show: as the uncertainty deserves, more where rounding would mislead.

    `reads` tells whether the figures, rounded to so many decimals, still compare as they were decided.
    Verdicts are drawn on whole millimetres, so three decimals always do.
    """
    first = 1 if uncertainty >= 1 else 2
    return next((n for n in range(first, MOST_DECIMALS) if reads(n)), MOST_DECIMALS)
