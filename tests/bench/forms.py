"""`make bench`: what it costs to check a record by its form's rules. Writes bench-results/forms.json.

CPU time of this process, medians; ratios are between cells of one run, measured in turns.
"""

import argparse
import gc
import itertools
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forms import (
    Form,
    ListTable,
    UnreadableInstance,
    compile_xlsform,
    complete_instance,
    compose_instance,
    examine,
    load_form,
    parse_instance,
    read_answers,
)
from forms.catalog import catalog
from forms.checking.rules import rules_of
from tests.bench.machine import this_machine
from tests.forms.filled import ENDED, LISTS, MARKERS, MINE, NOW, PREFILL, STARTED

OUTPUT = Path("bench-results/forms.json")
MARKER_COUNTS = (3, 6, 12, 24, 48)
QUESTIONS, ROWS = 300, 5_000


@dataclass(frozen=True)
class Cell:
    """One record to be checked again and again."""

    form: Form
    xml: bytes
    lists: Mapping[str, ListTable]
    media: frozenset[str]

    def check(self) -> int:
        examined = examine(self.form, parse_instance(self.xml), self.media, now=NOW, lists=self.lists)
        return len(examined.findings)


def boundary_cell(form: Form, count: int) -> Cell:
    """The boundary form with so many markers, each registered, measured and photographed."""
    marker = {key: value for key, value in MINE["/data/markers"][0].items() if not key.startswith("photo")}
    markers = [
        marker | {"marker_no": f"M{number}", "photo_near": f"n{number}.jpg", "photo_far": f"f{number}.jpg"}
        for number in range(count)
    ]
    registered = [
        MARKERS[0] | {"marker_no": f"M{n}", "name": f"{PREFILL['name']}/M{n}"} for n in range(count)
    ]
    lists = dict(LISTS) | {"markers": ListTable(registered)}
    return cell_of(form, MINE | {"/data/markers": markers}, lists)


def cell_of(form: Form, answers: Mapping[str, Any], lists: Mapping[str, ListTable]) -> Cell:
    xml = compose_instance(form, answers, "uuid:1", started_at=STARTED, ended_at=ENDED)
    xml = complete_instance(form, xml, now=NOW, lists=lists)
    media = frozenset(each.name for each in read_answers(form, parse_instance(xml)).media())
    return Cell(form, xml, lists, media)


def large_cell() -> Cell:
    """A form of 300 questions with rules, and a list of 5,000 mines in 50 counties that two of them draw on."""
    lines = [
        "| survey | | | | | | | |",
        "| | type | name | label | required | relevant | constraint | calculation | choice_filter |",
        "| | text | county | 县 | true() | | | | |",
        "| | select_one_from_file mines.csv | mine | 矿山 | true() | | | | county = ${county} |",
        "| | calculate | holder | | | | | pulldata('mines', 'holder', 'name', ${mine}) | |",
    ]
    for number in range(QUESTIONS // 3):
        lines += [
            f"| | select_one yn | a{number} | 问{number} | true() | | | | |",
            f"| | integer | b{number} | 数{number} | true() | ${{a{number}}} = 'yes' | . >= 0 and . <= 1000 | | |",
            f"| | text | c{number} | 注{number} | | ${{b{number}}} > 10 | regex(., '^[^<>]*$') and string-length(.) < 200 | | |",
        ]
    lines += ["| choices |", "| | list_name | name | label |", "| | yn | yes | 是 |", "| | yn | no | 否 |"]
    lines += ["| settings |", "| | form_title | form_id | version |", "| | 大表 | large | 1 |"]
    form = load_form(compile_xlsform("\n".join(lines).encode(), ".md").xform)
    mines = ListTable(
        [
            {"name": f"m{n}", "label": f"矿山{n}", "county": f"c{n % 50}", "holder": f"公司{n}"}
            for n in range(ROWS)
        ]
    )
    answers: dict[str, Any] = {"/data/county": "c7", "/data/mine": "m2357"}
    for number in range(QUESTIONS // 3):
        yes = number % 4 != 0
        answers[f"/data/a{number}"] = "yes" if yes else "no"
        if yes:
            answers[f"/data/b{number}"] = number
            answers[f"/data/c{number}"] = "情况属实"
    return cell_of(form, answers, {"mines": mines})


def cpu_ms(action: Callable[[], object]) -> float:
    begun = time.process_time_ns()
    action()
    return (time.process_time_ns() - begun) / 1e6


def medians(cells: Mapping[str, Cell], rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in cells}
    for cell in cells.values():
        cell.check()
    gc.collect()
    gc.freeze()  # as the server does: loaded code is no garbage
    for _ in range(rounds):
        for name, cell in cells.items():
            taken[name].append(cpu_ms(cell.check))
    return {name: round(statistics.median(values), 3) for name, values in taken.items()}


HOSTILE = {
    "regex of nested repetitions on 200,000 characters": ("regex", b"a" * 200_000),
    "40 levels deep": ("deep", b""),
    "200 rows, each compared with every other": ("repeat", b"200"),
    "100,000 rows": ("repeat", b"100000"),
    "400,000 elements": ("elements", b""),
    "a calculated text that doubles 40 times": ("double", b""),
}


def hostile(kind: str, argument: bytes) -> tuple[Form, bytes]:
    """One form and one instance that want to cost a server dearly."""
    header = "| survey |\n| | type | name | label | constraint | calculation |\n"
    settings = "| settings |\n| | form_title | form_id | version |\n| | h | h | 1 |\n"
    rows = {
        "regex": "| | text | a | a | regex(., '^(a+)+$') or regex(., '(x+x+)+y') | |\n",
        "repeat": (
            "| | begin_repeat | r | r | | |\n"
            "| | text | a | a | count(../../r[a = current()/. or a = 'none']) <= 1 | |\n| | end_repeat | | | | |\n"
        ),
        "double": "| | text | t0 | t | | |\n"
        + "".join(
            f"| | calculate | t{n} | | | concat(${{t{n - 1}}}, ${{t{n - 1}}}) |\n" for n in range(1, 41)
        ),
    }.get(kind, "| | text | a | a | | |\n")
    form = load_form(compile_xlsform((header + rows + settings).encode(), ".md").xform)
    body = {
        "regex": b"<a>" + argument + b"!</a>",
        "deep": b"<b>" * 38 + b"</b>" * 38,
        "elements": b"<a/>" * 400_000,
        "double": b"<t0>0123456789</t0>",
    }.get(kind) or b"".join(b"<r><a>%d</a></r>" % n for n in range(int(argument)))
    return form, b'<data id="h" version="1">' + body + b"<meta><instanceID>1</instanceID></meta></data>"


def peak_mb() -> float:
    """The most memory this process has held; what its parent held before is not counted."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def run_hostile(name: str) -> None:
    """In a process of its own: check one hostile record, tell time and memory."""
    form, xml = hostile(*HOSTILE[name])
    rules_of(form)
    before = peak_mb()
    begun = time.process_time()
    try:
        examined = examine(form, parse_instance(xml), frozenset(), now=NOW)
        outcome = ", ".join(sorted({each.kind.value for each in examined.findings})) or "clean"
    except UnreadableInstance as refusal:
        outcome = refusal.reason_code
    peak = peak_mb()
    print(
        json.dumps(
            {
                "cpu_s": round(time.process_time() - begun, 3),
                "more_mb": round(peak - before, 1),
                "peak_mb": round(peak, 1),
                "outcome": outcome,
            }
        )
    )


def measure(rounds: int) -> dict[str, Any]:
    source = next(each.source for each in catalog() if each.form_id == "mine_overstep")
    form = load_form(compile_xlsform(source, ".md").xform)
    cells = {f"boundary form, {count} markers": boundary_cell(form, count) for count in MARKER_COUNTS}
    cells["300 questions, list of 5,000 rows"] = large_cell()
    found = medians(cells, rounds)
    per_marker = {
        f"{few} to {many} markers": (
            found[f"boundary form, {many} markers"] - found[f"boundary form, {few} markers"]
        )
        / (many - few)
        for few, many in itertools.pairwise(MARKER_COUNTS)
    }
    compile_ms = [cpu_ms(lambda: rules_of.__wrapped__(form)) for _ in range(5)]
    attacks = {}
    for name in HOSTILE:
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench.forms", "--hostile", name],
            capture_output=True,
            check=True,
            text=True,
        )
        attacks[name] = json.loads(told.stdout)
        print(f"    {name}: {attacks[name]}", flush=True)
    return {
        "machine": this_machine(),
        "check_cpu_ms_p50": found,
        "cpu_ms_per_marker": {name: round(value, 3) for name, value in per_marker.items()},
        "compile_rules_cpu_ms_p50": round(statistics.median(compile_ms), 1),
        "findings": {name: cell.check() for name, cell in cells.items()},
        "hostile": attacks,
        "ratios": {
            "cost of a marker, 24 to 48 against 6 to 12": round(
                per_marker["24 to 48 markers"] / per_marker["6 to 12 markers"], 2
            )
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--hostile", choices=HOSTILE)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    if arguments.hostile:
        run_hostile(arguments.hostile)
        return
    results = measure(arguments.rounds)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps({k: v for k, v in results.items() if k != "hostile"}, indent=2, ensure_ascii=False))
    print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
