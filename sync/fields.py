"""The fields of a JSON object from a stranger, read one by one, each with its shape and its limit."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

MAX_INTEGER = (1 << 53) - 1
"""The largest integer that JavaScript keeps exact."""

Value = TypeVar("Value")

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REVISION_ID = re.compile(r"sha256:[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class BadField(ValueError):
    """A field is missing or is not what it must be; `path` names it, `missing` tells which of the two."""

    def __init__(self, path: str, chinese: str, english: str, *, missing: bool = False) -> None:
        super().__init__(f"{path}：{chinese}。 {path}: {english}.")
        self.path = path
        self.missing = missing


class Fields:
    """One object's fields. Every reader raises BadField naming the field's path from the root."""

    def __init__(self, body: Mapping[Any, Any], path: str = "") -> None:
        self.body = body
        self._path = path

    def __iter__(self) -> Iterator[Any]:
        """Name the fields there are; for a list, its indexes."""
        return iter(self.body)

    def given(self, name: str) -> bool:
        """Tell whether the field is there and not null."""
        return self.body.get(name) is not None

    def value(self, name: object) -> Any:
        """Take a field as it is. It must be there."""
        if name not in self.body:
            raise BadField(self._at(name), "缺少此项", "is missing", missing=True)
        return self.body[name]

    def text(self, name: object, *, longest: int) -> str:
        """Take text of at most `longest` characters."""
        value = self.value(name)
        if not isinstance(value, str) or len(value) > longest:
            raise BadField(
                self._at(name),
                f"应为不超过 {longest} 字的文本",
                f"must be text of at most {longest} characters",
            )
        return value

    def name(self, name: object, *, longest: int) -> str:
        """Take a name that is safe as a file name and in a log line.

        No separators, no control characters.
        """
        value = self.text(name, longest=longest)
        if (
            not value.strip()
            or value in {".", ".."}
            or _CONTROL.search(value)
            or "/" in value
            or "\\" in value
        ):
            raise BadField(
                self._at(name),
                "名称含有不允许的字符",
                "must be a name without separators or control characters",
            )
        return value

    def integer(self, name: object, *, low: int = 0, high: int = MAX_INTEGER) -> int:
        """Take an integer within limits; true and 1.0 are none."""
        value = self.value(name)
        if type(value) is not int or not low <= value <= high:
            raise BadField(
                self._at(name), f"应为 {low} 至 {high} 的整数", f"must be an integer from {low} to {high}"
            )
        return value

    def number(self, name: object, *, low: float, high: float) -> float:
        """Take a finite number within limits."""
        value = self.value(name)
        if type(value) not in {int, float} or not low <= value <= high:
            raise BadField(
                self._at(name), f"应为 {low} 至 {high} 的数", f"must be a number from {low} to {high}"
            )
        return float(value)

    def uuid(self, name: object) -> UUID:
        """Take a UUID in its hyphenated form."""
        value = self.value(name)
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise BadField(self._at(name), "应为 UUID", "must be a UUID")
        return UUID(value)

    def sha256(self, name: object) -> str:
        """Take a SHA-256 as 64 lower-case hexadecimal digits."""
        return self._matching(
            name, _SHA256, "应为 64 位小写十六进制 SHA-256", "must be 64 lower-case hexadecimal digits"
        )

    def revision_id(self, name: object) -> str:
        """Take a revision's name, `sha256:` and 64 lower-case hexadecimal digits."""
        return self._matching(
            name, _REVISION_ID, "应为 sha256: 加 64 位小写十六进制", "must be a revision id, sha256:…"
        )

    def media_type(self, name: object) -> str:
        """Take a media type such as image/jpeg."""
        return self._matching(name, _MEDIA_TYPE, "应为媒体类型", "must be a media type such as image/jpeg")

    def moment(self, name: object) -> datetime:
        """Take an ISO 8601 date and time with its offset; aware UTC."""
        value = self.text(name, longest=40)
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise BadField(
            self._at(name), "应为带时区的 ISO 8601 时间", "must be an ISO 8601 time with an offset"
        )

    def truth(self, name: object) -> bool:
        """Take true or false."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise BadField(self._at(name), "应为 true 或 false", "must be true or false")
        return value

    def word(self, name: object, words: Collection[str]) -> str:
        """Take one of the given words."""
        value = self.value(name)
        if not isinstance(value, str) or value not in words:
            raise BadField(self._at(name), "不是已知的取值", "is none of the known words")
        return value

    def part(self, name: object) -> "Fields":
        """Take an object."""
        value = self.value(name)
        if not isinstance(value, Mapping):
            raise BadField(self._at(name), "应为对象", "must be an object")
        return Fields(value, self._at(name))

    def items(self, name: object, *, most: int) -> "Fields":
        """Take a list of at most `most` items, as fields named by index."""
        value = self.value(name)
        if not isinstance(value, list) or len(value) > most:
            raise BadField(
                self._at(name), f"应为不超过 {most} 项的列表", f"must be a list of at most {most} items"
            )
        return Fields(dict(enumerate(value)), self._at(name))

    def _matching(self, name: object, pattern: re.Pattern[str], chinese: str, english: str) -> str:
        value = self.value(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise BadField(self._at(name), chinese, english)
        return value

    def _at(self, name: object) -> str:
        if isinstance(name, int):
            return f"{self._path}[{name}]"
        return f"{self._path}.{name}" if self._path else str(name)


def if_sound(read: Callable[[], Value]) -> Value | None:
    """Read a field that came later than the first phones: what made no sense was ignored then, and still is."""
    try:
        return read()
    except BadField:
        return None


def write_moment(moment: datetime) -> str:
    """Write an aware time as ISO 8601 in UTC, ending in Z."""
    if moment.tzinfo is None:
        raise ValueError("a time without an offset means nothing")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
