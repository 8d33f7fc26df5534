"""What a check has to say about a record, as data that a reviewer and a phone can show."""

from dataclasses import dataclass
from enum import StrEnum


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
    MEDIA_MISSING = "media_missing"
    MEDIA_EXTRA = "media_extra"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong at one path; `message` is Chinese, `message_en` English."""

    path: str
    kind: FindingKind
    message: str
    message_en: str

    def as_json(self) -> dict[str, str]:
        """Return the finding as the wire shows it."""
        return {
            "path": self.path,
            "kind": self.kind.value,
            "message": self.message,
            "message_en": self.message_en,
        }
