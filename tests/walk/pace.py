"""How long a reviewer waits for the machine: every event until it is painted, long tasks, records and photos until they are there."""

from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any, Final

from playwright.sync_api import Page

#: Milliseconds that no interaction may block.
MOST_MS: Final = 200
#: Records in an hour that a reviewer is to reach, and the photos that each is taken to have.
RECORDS_AN_HOUR, PHOTOS = 60, 10

OBSERVE = """
window.waits = [];
const note = (list) => {
  for (const each of list.getEntries()) {
    window.waits.push({ kind: each.entryType, name: each.name, at: each.startTime, ms: each.duration });
  }
};
new PerformanceObserver(note).observe({ type: 'event', durationThreshold: 16, buffered: true });
new PerformanceObserver(note).observe({ type: 'longtask', buffered: true });
"""
_PHOTO_THERE = """before => {
  const photo = document.querySelector('.media .large img');
  return photo && photo.src !== before && photo.complete && photo.naturalWidth > 0;
}"""


@dataclass
class Pace:
    """A reviewer's page with a clock around what is waited for, in milliseconds."""

    page: Page
    records: list[float] = field(default_factory=list)
    photos: list[float] = field(default_factory=list)

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)

    def next_photo(self) -> None:
        """Go on to the next photo and wait until it can be seen."""
        before = self.page.evaluate("document.querySelector('.media .large img')?.src ?? ''")
        began = perf_counter()
        self.press(" ")
        self.page.wait_for_function(_PHOTO_THERE, arg=before, polling="raf", timeout=30_000)
        self.photos.append((perf_counter() - began) * 1000)

    def opened(self, record: str, began: float) -> None:
        """Wait for the answers of a record that was gone to at a moment."""
        self.page.wait_for_function(
            "id => location.pathname.endsWith(id) && document.querySelector('.record:not(.leaving) .answers .line')",
            arg=record,
            polling="raf",
            timeout=60_000,
        )
        self.records.append((perf_counter() - began) * 1000)

    def told(self) -> dict[str, Any]:
        """Write what was measured. `records_an_hour`: were the machine all that takes time, with ten photos each."""
        waits = self.page.evaluate("window.waits")
        keys = [each for each in waits if each["kind"] == "event" and each["name"].startswith("key")]
        tasks = [each for each in waits if each["kind"] == "longtask"]
        each_record = median(self.records) + PHOTOS * median(self.photos)
        return {
            "records": len(self.records),
            "photos": len(self.photos),
            "record_ms": _spread(self.records),
            "photo_ms": _spread(self.photos),
            "key_ms": _spread([each["ms"] for each in keys]),
            "long_task_ms": _spread([each["ms"] for each in tasks]),
            "blocked_over_200_ms": [
                each for each in waits if each["ms"] > MOST_MS and each in (*keys, *tasks)
            ],
            "waited_ms_a_record": round(each_record, 1),
            "records_an_hour": round(3_600_000 / each_record),
        }


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {"count": 0}
    return {"count": len(values), "median": round(median(values), 1), "most": round(max(values), 1)}
