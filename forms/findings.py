"""What a check has to say about a record, as data that a reviewer and a phone can show."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FindingKind(StrEnum):
    """Why a finding was made."""

    FORM = "form"
    VERSION = "version"
    STRUCTURE = "structure"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate"
    TYPE = "type"
    CHOICE = "choice"
    REQUIRED = "required"
    CONSTRAINT = "constraint"
    NOT_RELEVANT = "not_relevant"
    CALCULATE = "calculate"
    EXPRESSION = "expression"
    POSITION = "position"
    MEDIA_MISSING = "media_missing"
    MEDIA_EXTRA = "media_extra"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about one path; `message` is Chinese, `message_en` English.

    `details` are the numbers behind it: of a position's verdict, distance, uncertainty and the formula.
    """

    path: str
    kind: FindingKind
    message: str
    message_en: str
    details: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the finding as the wire shows it."""
        plain: dict[str, Any] = {
            "path": self.path,
            "kind": self.kind.value,
            "message": self.message,
            "message_en": self.message_en,
        }
        return plain if self.details is None else plain | {"details": dict(self.details)}
