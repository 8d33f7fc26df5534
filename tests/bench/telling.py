"""`docs/speed.md`, made from what `make bench` measured: `python -m tests.bench.telling [JSON …]`.

Each JSON that is given, of the lists or of the synchronisation, is kept in `docs/speed.json` first, cut down to what the page
tells; what is kept there already stays until it is measured again.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.simulation.report import table

DOCS = Path(__file__).parent.parent.parent / "docs"
KEPT, PAGE = DOCS / "speed.json", DOCS / "speed.md"
SHOWN = 8
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}

HEAD = """\
# Speed

<!-- Made by `python -m tests.bench.telling` from speed.json. Do not edit. -->

What `make bench` and `make bench-openrosa` measured, in their own figures ([speed.json](speed.json)); what those of ODK's phones
mean is told in [openrosa.md](openrosa.md). The machine is shared, and computes up to twice as fast in one minute as in the next. *Pace*
is what a piece of Python that is always the same took just before and after a figure was measured: 4.3 ms when the machine is fast.
"""


def keep(kept: dict[str, Any], measured: dict[str, Any]) -> None:
    """Put what was measured in the place of what was kept of the same kind and database."""
    told = {"machine": measured["machine"]}
    for database in measured.get("databases", ()):
        pages = measured["databases"][database]["pages"]
        rows = [
            {
                "page": name,
                "ms": [page["ms"][str(size)] for size in measured["sizes"]],
                "ratio": page["ratio"],
                "p50": page["p50 ms"],
                "p95": page["p95 ms"],
                "statements": page["statements"][str(max(measured["sizes"]))],
                "met": page["met"],
            }
            for name, page in pages.items()
        ]
        kept.setdefault("lists", {})[database] = {
            **told,
            "sizes": measured["sizes"],
            "asked": measured["targets"],
            "pages": rows,
        }
    for database in NAMES.keys() & measured.keys():
        if "news" in measured[database]:
            kept.setdefault("submissions", {})[database] = {**told, **measured[database]}
        elif "targets" in measured[database]:
            kept.setdefault("sync", {})[database] = {**told, "targets": measured[database]["targets"]}


def page_of(kept: dict[str, Any]) -> str:
    """Write the page."""
    parts = [HEAD]
    for database, lists in sorted(kept.get("lists", {}).items(), reverse=True):
        parts.append(_lists(database, lists))
    for database, sync in sorted(kept.get("sync", {}).items(), reverse=True):
        parts += [
            f"## Synchronisation, {NAMES[database]}",
            "",
            _measured(sync),
            "",
            _targets(sync["targets"]),
        ]
    for database, submissions in sorted(kept.get("submissions", {}).items(), reverse=True):
        parts += _submissions(database, submissions)
    return "\n".join(parts)


def _targets(targets: list[dict[str, Any]]) -> str:
    rows = [
        (
            each["target"],
            str(each["figure"]),
            "yes" if each["met"] else "**no**",
            str(each.get("pace_ms") or ""),
        )
        for each in targets
    ]
    return table(("asked", "measured", "met", "pace, ms"), rows)


def _submissions(database: str, found: dict[str, Any]) -> list[str]:
    """Each cell at the fewest and at the most stored records, what is asked, the hourly look and the crowd."""
    small, *_, large = found["news"]
    rows = [
        (
            f"{name}, {int(before['clients'])} {'phone' if before['clients'] == 1 else 'phones'}",
            f"{before['submissions_per_second']:.1f}",
            f"{before['p50_ms']:.0f} / {before['p95_ms']:.0f} / {before['p99_ms']:.0f}",
            f"{before['cpu_seconds_per_1000']:.1f}",
            f"{after['submissions_per_second']:.1f}",
            f"{after['cpu_seconds_per_1000']:.1f}",
            f"{before['submissions_per_second'] / after['submissions_per_second']:.2f}",
            f"{before['pace_ms']:.1f}, {after['pace_ms']:.1f}",
        )
        for name in ("xml", "xml and 3 photos")
        for before, after in zip(found[name][small], found[name][large], strict=True)
    ]
    head = (
        "submissions", "a second", "p50 / p95 / p99 ms", "CPU s for 1,000", f"at {int(large):,} stored: a second", "CPU s",
        "time, to fewer stored", "pace, ms",
    )  # fmt: skip
    look = found["news"][large]
    memory = max(cell["memory_mb"] for name in ("xml", "xml and 3 photos") for cell in found[name][large])
    more = [
        (
            f"A phone's hourly look for news, when there is none ({look['requests']} questions, all answered 304), took"
            f" {look['look_ms_p50']:.0f} ms and {look['cpu_ms_per_look']:.0f} ms of CPU. The server had {memory:.0f} MB in memory at most,"
            " all processes together."
        ),
        "",
    ]
    if "burst" in found:
        crowd = found["burst"][large]
        more += [
            (
                f"{crowd['phones']} phones that sent a record with a photo all at once: {crowd['taken']} taken,"
                f" {crowd['at_the_first_try']} at the first try, the last after {crowd['last_taken_after_s']:.1f} s; {crowd['lost']} lost."
            ),
            "",
        ]
    return [
        f"## Submissions by ODK's phones, {NAMES[database]}",
        "",
        _measured(found),
        f"Photos are of 300 KB; the first figures are at {int(small):,} stored records.",
        "",
        table(head, rows),
        *more,
        _targets(found["targets"]),
    ]


def _lists(database: str, lists: dict[str, Any]) -> str:
    pages, (small, large) = lists["pages"], lists["sizes"]
    met = sum(page["met"] for page in pages)
    missed = sorted((page for page in pages if not page["met"]), key=lambda page: -page["p50"])
    slowest = sorted(pages, key=lambda page: -page["p50"])[:SHOWN]
    parts = [
        f"## Pages of lists, {NAMES[database]}",
        "",
        _measured(lists),
        "",
        (
            f"{len(pages)} pages of lists (each filter, first and from the middle; for a county, a city, a province, a stranger) at"
            f" {small:,} and {large:,} records: **{met} of {len(pages)}** take at most {lists['asked']['ms at most']:.0f} ms"
            f" at {large:,} and at most {lists['asked']['ratio at most']} times as long as at {small:,} for as many rows"
            f" (or {lists['asked']['or slower by at most, ms']:.0f} ms more; {lists['asked']['what reads up to a bound by, ms']:.0f} ms of the board, that counts to 1,000 in"
            f" each column, and of objects with a label). In milliseconds of server time; the slowest:"
        ),
        "",
        _pages(slowest),
    ]
    if missed:
        parts += ["Not met:", "", _pages(missed)]
    return "\n".join(parts)


def _measured(kept: dict[str, Any]) -> str:
    machine = kept["machine"]
    return f"Commit `{machine['commit']}`, {machine['day']}, {machine['cores']} cores, Python {machine['python']}."


def _pages(pages: list[dict[str, Any]]) -> str:
    head = ("page", "as many rows, small", "large", "ratio", "whole page p50", "p95", "statements")
    rows = [
        (page["page"], *(f"{each:.1f}" for each in page["ms"]), f"{page['ratio']:.2f}", f"{page['p50']:.1f}",
         f"{page['p95']:.1f}", str(page["statements"]))
        for page in pages
    ]  # fmt: skip
    return table(head, rows)


def main() -> None:
    kept: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for each in sys.argv[1:]:
        keep(kept, json.loads(Path(each).read_text(encoding="utf-8")))
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page_of(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
