"""What the measurement is for: each target with its figure, and whether it is met."""

from typing import Any

NOTHING_NEW_MS = {"sqlite": 1.0, "postgres": 2.0}
GROWTH = 1.3
THREE_DAYS_MS = 5.0
ITEMS_PER_SECOND = 1000
QUIET_BYTES = 400
#: What ODK Central cost on this class of machine: submissions a second, and CPU seconds (server and database) for 1,000.
CENTRAL = {"xml": (270, 11), "xml and 3 photos": (60, 40)}
#: How many times its rate is asked of us, at which part of its CPU.
ASKED = {"xml": (1.5, 0.6), "xml and 3 photos": (3, 0.35)}
STORED_RATIO = 1.2
WORK = {True: "records of all forms and co-signatures", False: "records of the dearest form"}


def judge(database: str, found: dict[str, Any], sizes: list[int]) -> list[dict[str, Any]]:
    """Compare the figures at the largest size with what is asked; times are p50 within the WSGI call.

    With nothing new is judged as phones ask, who are content with 204. `pace_ms`: how fast the machine was just then, see `machine.pace`; None where it does not matter.
    """
    large, small = found["pull"][str(sizes[-1])], found["pull"][str(sizes[0])]
    pushed = {
        bool(cell["days_work"]): (cell["items_per_second"], cell["pace_ms"])
        for cell in found["push"][str(sizes[-1])]
        if (cell["clients"], cell["batch"]) == (8, 20)
    }
    targets = [
        (
            "pull with nothing new, ms",
            large["nothing_new_minimal_server_ms_p50"],
            NOTHING_NEW_MS[database],
            "at most",
            large["nothing_new_minimal_pace_ms"],
        ),
        (
            f"the same, {sizes[-1]} to {sizes[0]} records",
            round(large["nothing_new_minimal_server_ms_p50"] / small["nothing_new_minimal_server_ms_p50"], 3),
            GROWTH,
            "at most",
            None,
        ),
        (
            f"pull of {large['three_days_items']} of {large['three_days_changes']} changes, ms",
            large["three_days_server_ms_p50"],
            THREE_DAYS_MS,
            "at most",
            large["three_days_pace_ms"],
        ),
        (
            "reply that says nothing new, bytes",
            large["nothing_new_minimal_bytes"],
            QUIET_BYTES,
            "at most",
            None,
        ),
    ]
    if database == "postgres":
        targets += [
            (f"push, 8 clients, 20 a batch, {WORK[days]}, items/s", rate, ITEMS_PER_SECOND, "at least", pace)
            for days, (rate, pace) in pushed.items()
        ]
    return [
        {
            "target": f"{name}: {how} {limit}",
            "figure": figure,
            "met": figure <= limit if how == "at most" else figure >= limit,
            "pace_ms": pace,
        }
        for name, figure, limit, how, pace in targets
    ]


def judge_submissions(found: dict[str, Any], sizes: list[int], cores: int) -> list[dict[str, Any]]:
    """Compare what submissions by ODK's phones cost, with the most phones at once, with what is asked beside ODK Central.

    270 a second at 11 CPU seconds keep three cores busy: where there are fewer, Central can take no more than all of them
    give. So each rate is judged twice, by what it can take on the cores here and by what it took where it was measured.
    """
    targets = []
    for name, (rate, cpu) in CENTRAL.items():
        cell, (faster, cheaper) = found[name][str(sizes[0])][-1], ASKED[name]
        here = min(rate, round(cores * 1000 / cpu))
        per_second, costs = round(cell["submissions_per_second"], 1), round(cell["cpu_seconds_per_1000"], 2)
        phones, pace = int(cell["clients"]), round(cell["pace_ms"], 2)
        shown = f"{name}, {phones} phones"
        targets += [
            (f"{shown}, a second: at least {faster} x {here}, Central with {cores} cores to itself",
             per_second, per_second >= faster * here, pace),
            (f"{shown}, a second: at least {faster} x {rate}, Central as it was measured",
             per_second, per_second >= faster * rate, pace),
            (f"{shown}, CPU seconds for 1,000: at most {cheaper} x {cpu}", costs, costs <= cheaper * cpu, pace),
        ]  # fmt: skip
    worst = max(found["ratios"], key=found["ratios"].get)
    targets.append(
        (f"time at {sizes[-1]} stored to {sizes[0]}, at the worst ({worst.rsplit(',', 1)[0]}): at most {STORED_RATIO}",
         found["ratios"][worst], found["ratios"][worst] <= STORED_RATIO, None)
    )  # fmt: skip
    return [dict(zip(("target", "figure", "met", "pace_ms"), each, strict=True)) for each in targets]
