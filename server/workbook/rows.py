"""One row of a table, read cell by cell; what is wrong is noted, not raised."""

import math
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from server.workbook.opening import Cell

MAX_TEXT = 10_000
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
FOR_EVER = date(9999, 9, 9)  # how platforms write 长期
_FORMULA_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
_SEPARATOR = re.compile(r"[、，,；;\n]+")


@dataclass(frozen=True)
class RowError:
    """A cell that can't be used, by row and heading as the spreadsheet shows them, and its sheet."""

    row: int
    column: str
    reason: str
    reason_en: str
    sheet: str = ""

    def as_json(self) -> dict[str, Any]:
        """Write the error as the wire shows it."""
        return {
            "row": self.row,
            "column": self.column,
            "reason": self.reason,
            "reason_en": self.reason_en,
            "sheet": self.sheet,
        }


@dataclass
class Row:
    """A row of a table. `cells` by column key; `headings` are the columns as this sheet calls them."""

    number: int
    cells: Mapping[str, Cell]
    headings: Mapping[str, str]
    sheet: str = ""
    errors: list[RowError] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Tell whether everything read so far could be used."""
        return not self.errors

    def wrong(self, key: str, reason: str, reason_en: str) -> None:
        """Note that a cell can't be used."""
        column = self.headings.get(key, key)
        self.errors.append(RowError(self.number, column, reason, reason_en, self.sheet))

    def text(self, key: str, *, required: bool = False, longest: int = 200) -> str:
        """Read text; a number is given in digits. Empty when there is none."""
        value = self.cells.get(key)
        if value is None:
            if required:
                self.wrong(key, "不能为空", "must not be empty")
            return ""
        if isinstance(value, float) and value.is_integer():
            # Fifteen digits are what a spreadsheet keeps of a number: longer codes have lost their end.
            value = int(value)
        if isinstance(value, int) and abs(value) >= 10**15:
            self.wrong(
                key, "编号被存成数字，末位已失真，请改为文本", "a long code kept as a number: make it text"
            )
        text = value.isoformat() if isinstance(value, date) else str(value)
        if text in _FORMULA_ERRORS:
            self.wrong(key, f"公式出错：{text}", f"a formula failed: {text}")
        if len(text) > longest:
            self.wrong(key, f"不能超过 {longest} 字", f"must not be longer than {longest} characters")
        return text

    def number_of(self, key: str, *, least: float | None = None, most: float | None = None) -> float | None:
        """Read a number; a unit behind it (米, m, 平方公里) is left out."""
        value = self.cells.get(key)
        if value is None:
            return None
        if isinstance(value, bool | date):
            value = str(value)
        if isinstance(value, str):
            plain = unicodedata.normalize("NFKC", value).replace(",", "").strip()
            found = re.fullmatch(
                r"([+-]?\d{1,12}(?:\.\d{1,9})?)\s*(?:米|m|平方公里|平方千米|km2|度|°)?", plain
            )
            if not found:
                self.wrong(key, f"不是数字：{value[:40]}", f"is no number: {value[:40]}")
                return None
            value = float(found[1])
        number = float(value)
        too_small = least is not None and number < least
        too_large = most is not None and number > most
        if not math.isfinite(number) or too_small or too_large:
            self.wrong(key, f"超出范围：{number:g}", f"out of range: {number:g}")
            return None
        return number

    def whole_number(self, key: str, *, least: int, most: int) -> int | None:
        """Read a whole number."""
        number = self.number_of(key, least=least, most=most)
        if number is not None and not number.is_integer():
            self.wrong(key, "应为整数", "must be a whole number")
            return None
        return None if number is None else int(number)

    def day(self, key: str, *, required: bool = False) -> date | None:
        """Read a date: a date cell, 2023-05-01, 2023/5/1, 2023年5月1日, 20230501, or 长期."""
        value = self.cells.get(key)
        if isinstance(value, date):
            return value
        if value is None:
            if required:
                self.wrong(key, "不能为空", "must not be empty")
            return None
        text = unicodedata.normalize("NFKC", str(value)).strip()
        if text in {"长期", "长期有效", "永久", "无期限"}:
            return FOR_EVER
        found = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
        try:
            if found:
                return date(*(int(part) for part in found.groups()))
        except ValueError:
            pass  # the 31st of February
        self.wrong(key, f"不是日期：{text[:40]}", f"is no date: {text[:40]}")
        return None

    def choice(self, key: str, meanings: Mapping[str, str], default: str | None = None) -> str | None:
        """Read one of the words that mean something; empty gives the default."""
        value = self.cells.get(key)
        if value is None:
            return default
        word = unicodedata.normalize("NFKC", str(value)).strip()
        if word not in meanings:
            self._no_choice(key, word, meanings)
            return default
        return meanings[word]

    def words(self, key: str, *, longest: int = 2000) -> tuple[str, ...]:
        """Read a list: words with 、 ， ； or line ends between them."""
        text = self.text(key, longest=longest)
        return tuple(word.strip() for word in _SEPARATOR.split(text) if word.strip())

    def lines(self, key: str) -> tuple[str, ...]:
        """Read a list whose entries may hold any mark: one on each line."""
        text = self.text(key, longest=MAX_TEXT)
        return tuple(line.strip() for line in text.splitlines() if line.strip())

    def choices(self, key: str, meanings: Mapping[str, str]) -> tuple[str, ...]:
        """Read a list of words that mean something, each once."""
        found: dict[str, None] = {}
        for word in self.words(key):
            if word in meanings:
                found[meanings[word]] = None
            else:
                self._no_choice(key, word, meanings)
        return tuple(found)

    def _no_choice(self, key: str, word: str, meanings: Collection[str]) -> None:
        some = "、".join(list(meanings)[:8])
        self.wrong(key, f"“{word[:40]}”不在可选范围：{some}", f"“{word[:40]}” is none of: {some}")
