"""JSON that was written before, to be hashed: it goes into an answer as it is, and is not written again."""

import json
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final

from flask.json.provider import DefaultJSONProvider

from server.db import Json


@dataclass(frozen=True)
class Written:
    """A part of an answer as its text, which is as `canonical_json` writes it."""

    text: str

    @property
    def value(self) -> Json:
        """What the text says, for those who look into it."""
        value: Json = json.loads(self.text)
        return value


#: Stands where a written part goes while the rest is written. Nobody can know it, so that nobody's text holds it.
_PLACE: Final = token_hex(16)


class WritingProvider(DefaultJSONProvider):
    """Writes answers as Flask does, in UTF-8, with what is `Written` in its places."""

    ensure_ascii = False

    def dumps(self, obj: Any, **options: Any) -> str:
        """Write an object."""
        parts: list[str] = []

        def set_aside(value: Any) -> Any:
            if isinstance(value, Written):
                parts.append(value.text)
                return _PLACE
            return self.default(value)

        # Answers are made for this and hold nothing that holds itself, which would be looked for at every step.
        text = super().dumps(obj, default=set_aside, check_circular=False, **options)
        if not parts:
            return text
        begin, *others = text.split(f'"{_PLACE}"')
        return begin + "".join(part + between for part, between in zip(parts, others, strict=True))
