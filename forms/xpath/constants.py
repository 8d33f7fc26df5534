"""What expressions that are written as Python (`forms.xpath.inlining`) call and name."""

from typing import Any

from forms.xpath.rows import ROW_HELPERS, spent
from forms.xpath.scope import Scope
from forms.xpath.values import number_to_text, text_to_number, to_boolean, to_number


class Constants:
    """What the written text names besides its variables: closures, functions, units."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {
            "Scope": Scope,
            "number_to_text": number_to_text,
            "text_to_number": text_to_number,
            "to_boolean": to_boolean,
            "to_number": to_number,
            "spent": spent,
            **ROW_HELPERS,
        }
        self._known: dict[int, str] = {}

    def name(self, value: Any) -> str:
        """Give a value a name, the same one each time; it is kept, so that no other takes its identity."""
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = f"c{len(self._known)}"
            self.names[known] = value
        return known
