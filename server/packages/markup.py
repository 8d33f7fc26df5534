"""How the pages of a package are written: escaped, without scripts, nothing from elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

HEAD = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>证据包</title>
<style>
body { font-family: sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; line-height: 1.6; color: #1a1a1a }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #bbb; padding: .3em .6em; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #f2f2f2; white-space: nowrap }
.digest { font-family: monospace; font-size: .85em }
.doubt { font-weight: bold; color: #9a1b00 }
@media (max-width: 48em) {
  body { margin: 1em auto }
  table.wide, .wide tbody, .wide tr, .wide td { display: block }
  .wide tr.titles { display: none }
  .wide tr { border: 1px solid #bbb; margin-bottom: .8em }
  .wide td { border: 0; border-bottom: 1px solid #eee }
  .wide td::before { content: attr(title) "："; color: #666 }
}
</style></head><body>
"""
FOOT = """<p>时间为北京时间。本页供阅读。是否完整、未改，以核对程序的结果为准：<code>python verify.py 证据包.zip</code></p>
</body></html>
"""


#: Columns that have room beside each other on a phone.
NARROW: Final = 3


@dataclass(frozen=True)
class Link:
    """A file beside the page, and the words to open it by."""

    path: str
    words: str


@dataclass(frozen=True)
class Digest:
    """A hash, or what is told by one."""

    value: str


@dataclass(frozen=True)
class Doubt:
    """Words that a reader should not miss."""

    words: str


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write a table; on a phone each row of one with titles stands as a block of its own, its cells named."""
    titles = "".join(f"<th>{text(each)}</th>" for each in head)
    lines = [f"<tr>{''.join(_cells(head, row))}</tr>" for row in rows]
    if not lines:
        return "<p>无。</p>"
    opened = '<table class="wide">' if len(head) > NARROW else "<table>"
    opened += f'<tr class="titles">{titles}</tr>' if head else ""
    return f"{opened}{''.join(lines)}</table>"


def _cells(head: Sequence[str], row: Sequence[Any]) -> Iterator[str]:
    if not head:
        name, *rest = row
        yield f"<th>{text(name)}</th>"
        yield from (f"<td>{text(cell)}</td>" for cell in rest)
        return
    for title, cell in zip(head, row, strict=True):
        yield f'<td title="{escape(title)}">{text(cell)}</td>'


def text(value: Any) -> str:
    """Write a value, escaped."""
    match value:
        case Link():
            return f'<a href="{escape(value.path)}">{escape(value.words)}</a>'
        case Digest():
            return f'<span class="digest">{escape(value.value)}</span>'
        case Doubt():
            return f'<span class="doubt">{escape(value.words)}</span>'
    return escape("" if value is None else str(value))
