"""Paper as PDF: Typst sets it, with its font embedded; a character that the font lacks is refused, never left out.

Typst comes as one wheel and reads nothing but the folder of files it is given here: no other folder, no system font, no network.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import segno
import typst

from media import missing_characters
from server.db import Json, canonical_json
from server.problems import DocumentUnprintable

_LAYOUTS: Final = Path(__file__).parent / "layout"
_FAMILY: Final = "Noto Sans CJK SC"


def set_pages(layout: str, paper: Json, files: Mapping[str, bytes]) -> bytes:
    """Set a layout with `document.json` and pictures by their names. Raises `DocumentUnprintable`."""
    require_printable(_texts(paper))
    with TemporaryDirectory(prefix="merestone-paper-") as folder:
        root = Path(folder)
        (root / "main.typ").write_bytes((_LAYOUTS / f"{layout}.typ").read_bytes())
        (root / "document.json").write_bytes(canonical_json(paper))
        for name, content in files.items():
            (root / name).write_bytes(content)
        return typst.compile(root / "main.typ", root=root, font_paths=_fonts(), ignore_system_fonts=True)


def require_printable(texts: Iterable[str]) -> None:
    """Refuse texts with characters that the font lacks: they would not be printed at all."""
    lacking = missing_characters("".join(dict.fromkeys("".join(texts).replace("\n", ""))))
    if lacking:
        shown = " ".join(f"{each} U+{ord(each):04X}" for each in lacking)
        raise DocumentUnprintable(shown, characters=lacking)


def code_to(address: str) -> bytes:
    """Draw the QR code of an address, as SVG."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", border=1, scale=4)
    return drawn.getvalue()


@cache
def _fonts() -> typst.Fonts:
    """Load the font once; of the collection only the face for mainland Chinese is used."""
    from noto_cjk_sans_otc import FONT_PATH

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[Path(str(FONT_PATH)).parent]
    )


def _texts(value: Any) -> Iterator[str]:
    """Go through every text of a paper, whatever holds it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
