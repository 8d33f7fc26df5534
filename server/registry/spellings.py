"""How items are spelled in plans and workbooks, and when two spellings mean the same."""

import re
from collections.abc import Iterable

_BLANK = re.compile(r"\s+")
_ENDING = "；;。，,、"


def spelling(text: str) -> str:
    """Bring an item's text to the one spelling it is compared in: no blanks, no mark at the end."""
    return _BLANK.sub("", text).rstrip(_ENDING)


def spellings(name: str, aliases: Iterable[str]) -> set[str]:
    """Return every spelling that means an item."""
    return {spelling(name), *(spelling(alias) for alias in aliases)}
