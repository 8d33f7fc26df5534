"""`docs/reliability.md`, made from the JSON of a long run: `python -m tests.simulation.report [JSON]`.

Given a JSON, it is kept as `docs/reliability.json` first.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent.parent / "docs"
KEPT, PAGE = DOCS / "reliability.json", DOCS / "reliability.md"

HEAD = """\
# Reliability

<!-- Made by `python -m tests.simulation.report` from reliability.json. Do not edit. -->

What `make simulate-long` ran and found. Everything below is from that run's own JSON,
[reliability.json](reliability.json). Why it is done so is in
[0024](decisions/0024-one-seed-for-everything-that-can-go-wrong.md).
"""

LIMITS = """\
## What is checked, and what is not

After every schedule the network heals, all phones wake, and within a bound of rounds everything must be at rest. Then:

| | |
|---|---|
| I1 | Every revision with a receipt is on the server with identical bytes. |
| I2 | Each operation has one entry in the audit log, each revision one effect on its record. |
| I3 | Phones show all that is theirs to see, as it is; outboxes are empty; no digest differs without damage. |
| I4 | Every file that sealed work vouches for is there, byte for byte. |
| I5 | The audit chain has no gap, and every receipt lies on it. |
| I6 | Everything ever sealed on a phone that still has it is on the server, taken or quarantined. |
| I7 | No phone shows what is no longer its person's to see. |
| I8 | Every revision of a record leads to one of its heads: nothing is overwritten in silence. |
| I9 | A cursor never goes back within an epoch. |
| I10 | What a restore took from the server and a phone still has is on the server again. |

Beyond any protocol, and left out exactly: a revision of which a fault took the phone's copy (its storage was rolled
back) when the server did not hold it, or took the server's too (a restore from an older backup). With a second copy
told to phones, a restore is from the newest finished backup. A database that is put back without the runbook is noticed
by the guard, as far as it had noted the head, or by the first phone that comes with a cursor of what was lost, however
far new writes have gone since. Not simulated: one that neither noticed, because whoever was answered a push had not read a
page since, or lost what it had read. Signatures are not made in the model.

In the model (L0) the code of `sync/` runs as it is: the phone's reducer, cursors, paging, the push ledger, the graph of
revisions, epochs, digests. The database, the network and the server's verbs are modelled, statement by statement. L1
runs the real handlers on real databases, L2 real processes that are killed.
"""


def render(report: dict[str, Any]) -> str:
    """Write the page of a run."""
    parts = [
        HEAD,
        _summary(report),
        _model(report["model"]),
        _mutants(report["mutants"]),
        _layers(report),
        LIMITS,
    ]
    return "\n".join(parts)


def _summary(report: dict[str, Any]) -> str:
    model, mutants = report["model"], report["mutants"]["found"]
    killed = sum(None not in each["killed_after"] for each in mutants.values())
    lines = [
        (
            f"- Commit `{report['commit']}`, begun {report['started']}, {_time(report['seconds'])} "
            f"on {report['processes']} process{'es' if report['processes'] > 1 else ''} "
            f"({report['processors']} processors, shared)."
        ),
        (
            f"- Model: **{model['schedules']:,} schedules, {len(model['violations'])} violations**"
            f"{_of_wanted(model)}; {sum(model['faults'].values()):,} faults in {model['steps']:,} steps."
        ),
        f"- Seeded bugs: **{killed} of {len(mutants)}** found in every one of their runs.",
    ]
    if not model["violations"] and model["schedules"]:
        lines.append(
            f"- No violation in {model['schedules']:,}: with 95 % confidence fewer than one schedule in "
            f"{model['schedules'] // 3:,} breaks (rule of three)."
        )
    return "\n".join([*lines, ""])


def _of_wanted(model: dict[str, Any]) -> str:
    return "" if model["schedules"] >= model["wanted"] else f" (of {model['wanted']:,} wanted: time was over)"


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Write a table of Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


def _model(model: dict[str, Any]) -> str:
    count = max(model["schedules"], 1)
    faults = [(kind, f"{number:,}", f"{number / count:.2f}") for kind, number in model["faults"].items()]
    did = [(kind, f"{number:,}", f"{number / count:.2f}") for kind, number in model["did"].items()]
    rate = model["schedules"] / model["seconds"] if model["seconds"] else 0
    found = [(str(each["seed"]), each["violation"]) for each in model["violations"]]
    return "\n".join(
        [
            "## Faults injected in the model (L0)",
            "",
            (
                f"Seeds from {model['first_seed']:,} on, {rate:.0f} schedules a second. "
                "One of them step by step: `make simulate SEED=…`."
            ),
            "",
            table(("fault", "in all", "per schedule"), faults),
            "What happened besides:",
            "",
            table(("", "in all", "per schedule"), did),
            *(["Violations:", "", table(("seed", "violation"), found)] if found else []),
        ]
    )


def _mutants(mutants: dict[str, Any]) -> str:
    rows = [
        (
            f"`{name}`",
            each["what"],
            ", ".join("–" if one is None else f"{one:,}" for one in each["killed_after"]),
        )
        for name, each in sorted(mutants["found"].items(), key=lambda pair: _hardness(pair[1]))
    ]
    return "\n".join(
        [
            "## Seeded bugs",
            "",
            (
                f"Schedules until the first violation, in {len(rows[0][2].split(',')) if rows else 0} independent runs of "
                f"at most {mutants['most']:,}; – is not found. A seed counts only if it is clean without the bug. "
                "Each runs with the features on that it needs to show itself."
            ),
            "",
            table(("bug", "what it does", "found after"), rows),
        ]
    )


def _hardness(found: dict[str, Any]) -> tuple[bool, int]:
    killed = found["killed_after"]
    return None in killed, max((each for each in killed if each is not None), default=0)


def _layers(report: dict[str, Any]) -> str:
    rows = []
    for layer in report["layers"]:
        if "absent" in layer:
            rows.append((layer["layer"], layer["database"], f"not run: {layer['absent']}", "", "", ""))
            continue
        amount = next(f"{layer[each]:,} {each}" for each in ("schedules", "operations") if each in layer)
        if "pieces" in layer:
            amount += f" in {layer['pieces']} pieces"
        faults = ", ".join(f"{kind} {number:,}" for kind, number in sorted(layer["faults"].items()))
        broken = str(len(layer["violations"]))
        if layer.get("commit", report["commit"]) != report["commit"]:
            amount += f" (of {layer['commit']})"
        rows.append((layer["layer"], layer["database"], amount, _time(layer["seconds"]), faults, broken))
    head = ("layer", "database", "what ran", "time", "faults", "violations")
    return "\n".join(["## Real handlers (L1) and real processes (L2)", "", table(head, rows)])


def main(arguments: list[str]) -> None:
    if arguments:
        KEPT.write_text(Path(arguments[0]).read_text())
    PAGE.write_text(render(json.loads(KEPT.read_text())))


if __name__ == "__main__":
    main(sys.argv[1:])
