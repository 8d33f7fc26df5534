"""What a whole list costs that the console reads page by page into a file: each page as much as the first."""

from typing import Any

from tests.bench.pages import ROWS
from tests.bench.province import Province

MOST_ROWS = 100_000
_AT_ONCE = 2 * ROWS  # as `WHOLE` in web/console/src/lists/reading.ts


def export(province: Province, path: str) -> dict[str, Any]:
    """Follow a list of the province to its end, or through so many rows; milliseconds of a page in its first and last tenth."""
    address: str | None = f"/api/v1/{path}?limit={_AT_ONCE}"
    rows, times = 0, []
    while address and rows < MOST_ROWS:
        taken, answer = province.ask("province", address)
        times.append(taken)
        rows += len(answer.get_json())
        link = answer.headers.get("Link")
        address = link.split(">")[0].lstrip("<") if link else None
    tenth = max(1, len(times) // 10)
    first, last = sum(times[:tenth]) / tenth, sum(times[-tenth:]) / tenth
    return {
        "rows": rows,
        "pages": len(times),
        "seconds": round(sum(times) / 1000, 2),
        "ms of a page, first tenth": round(first, 2),
        "ms of a page, last tenth": round(last, 2),
        "ratio": round(last / first, 3),
    }
