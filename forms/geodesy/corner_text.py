"""Taking pasted text of corner points apart: rows, names, numbers and ring headers, nothing judged yet."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

_RECORD = re.compile(r"[;。]")
_IDEOGRAPHIC_POINT = re.compile(r"(?<=\d{5})。(?=\d{1,4}(?!\d))")
_FIELD = re.compile(r"[,\s、|:()\[\]\"“”]+")
_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?=\.\d|(?![\d,]))")
_AXIS = re.compile(r"^[XYNE]=?(?=[+-]?\d{5})", re.IGNORECASE)
_UNIT = re.compile(r"(?<=\d)(?:米|m)$", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{0,12})?")
_NAME = re.compile(r"(?:[A-Za-z\u4e00-\u9fff]{0,8}[-_#]?\d{1,4}(?:[-_]\d{1,4})?['’#号点]?|[A-Za-z])")
_HOLE = re.compile(r"除外|扣除|内环|内圈|挖空|hole", re.IGNORECASE)
_OUTER = re.compile(
    r"第?[一二三四五六七八九十\d]+(?:区块|地块|区|块|圈|环|宗)|外环|外圈|外边界|ring", re.IGNORECASE
)
_HEADING = re.compile(
    r"(?:点号|序号|点名|编号|拐点|矿区|范围|界址点|坐标|纵|横|系|CGCS2000|2000国家大地|国家2000"
    r"|东|北|经度|纬度|[XYNE]|[米m]|号|/)+",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[*＊]+|-{3,}|={3,}")
_LEAST_GRID_NUMBER = 10_000


@dataclass(frozen=True, slots=True)
class RawPoint:
    """Two numbers in the order they were written, with the point's name (may be blank) and its row."""

    name: str
    first: float
    second: float
    row: int


@dataclass(slots=True)
class RawRing:
    """Points between two separators; `hole` where a header says that the ring is excluded (除外)."""

    hole: bool = False
    points: list[RawPoint] = field(default_factory=list)


@dataclass(slots=True)
class RawTable:
    """What the text contains; every list but `rings` holds (row, text) that did not become a corner."""

    rings: list[RawRing] = field(default_factory=list)
    incomplete: list[tuple[int, str]] = field(default_factory=list)
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    ignored: list[tuple[int, str]] = field(default_factory=list)
    thousands: list[int] = field(default_factory=list)


def split_corner_text(text: str) -> RawTable:
    """Take text apart; never raises, what is not understood is listed with its row (1-based line)."""
    # Compatibility forms make full-width digits, commas and semicolons plain.
    lines = unicodedata.normalize("NFKC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    filled = sum(1 for line in lines if line.strip())
    inner_blanks = sum(1 for line in "\n".join(lines).strip().split("\n") if not line.strip())
    splitter = _Splitter(blank_lines_part_rings=inner_blanks < filled - 1)
    for row, line in enumerate(lines, start=1):
        splitter.read_line(row, line)
    return splitter.finish()


class _Splitter:
    def __init__(self, *, blank_lines_part_rings: bool) -> None:
        self._blank_lines_part_rings = blank_lines_part_rings
        self._table = RawTable()
        self._ring = RawRing()

    def finish(self) -> RawTable:
        self._start_ring(hole=False)
        return self._table

    def read_line(self, row: int, line: str) -> None:
        if not line.strip():
            if self._blank_lines_part_rings:
                self._start_ring(hole=False, keep_empty=True)
            return
        if "标高" in line:
            self._table.ignored.append((row, line.strip()))
            return
        if _THOUSANDS.search(line):
            self._table.thousands.append(row)
            line = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), line)
        for record in _RECORD.split(_IDEOGRAPHIC_POINT.sub(".", line)):
            self._read_record(row, record)

    def _read_record(self, row: int, record: str) -> None:
        name, numbers = "", list[float]()
        for token in (token for token in _tokens(record) if not _is_heading(token)):
            if _is_grid_number(token):
                numbers.append(float(token))
            elif numbers:
                self._table.incomplete.append((row, record.strip()))
                name, numbers = "", []
            elif self._read_header(token):
                name = ""
            elif _NAME.fullmatch(token):
                if name:
                    self._table.ignored.append((row, name))
                name = token
            else:
                self._table.unreadable.append((row, token))
            if len(numbers) == 2:
                self._ring.points.append(RawPoint(name, numbers[0], numbers[1], row))
                name, numbers = "", []
        if numbers:
            self._table.incomplete.append((row, record.strip()))
        elif name:
            self._table.ignored.append((row, name))

    def _read_header(self, token: str) -> bool:
        """Start a ring where a token says so."""
        if _HOLE.search(token):
            self._start_ring(hole=True)
        elif _BREAK.fullmatch(token) or _OUTER.fullmatch(token):
            self._start_ring(hole=False)
        else:
            return False
        return True

    def _start_ring(self, *, hole: bool, keep_empty: bool = False) -> None:
        if self._ring.points:
            self._table.rings.append(self._ring)
            self._ring = RawRing(hole)
        elif not keep_empty:
            self._ring.hole = hole


def _tokens(record: str) -> Iterator[str]:
    for field_text in _FIELD.split(record.replace("*", " * ")):
        token = _UNIT.sub("", _AXIS.sub("", field_text.strip()))
        if token:
            yield token


def _is_heading(token: str) -> bool:
    """Tell words of a table's head (点号, X坐标) from names of points (拐点1)."""
    return _HEADING.fullmatch(token) is not None and not token[-1].isdigit()


def _is_grid_number(token: str) -> bool:
    return _NUMBER.fullmatch(token) is not None and abs(float(token)) >= _LEAST_GRID_NUMBER
