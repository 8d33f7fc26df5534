"""How often everybody is drawn: `python -m tests.server.draws.chances [--draws 100000]` (`make chances`).

Draws a small frame again and again with fixed seeds, and compares with the chances that follow from the plan:
each object n/N, two objects together n(n-1)/N(N-1) in a stratum and the product across strata; everybody who
may be sent, and every pair of them, alike.
"""

import argparse
import itertools
import sys
import time
from collections import Counter
from math import sqrt

from server.draws import lottery
from tests.server.draws import paper

# Three sigma for a rate that is told; a pair is one of a hundred, so that its bound is wider (about 1 in 10^5).
SIGMAS, PAIR_SIGMAS = 3.0, 4.4

_OBJECTS = [
    *(paper.candidate(f"a{n}", "低") for n in range(6)),
    *(paper.candidate(f"b{n}", "一般") for n in range(5)),
    *(paper.candidate(f"c{n}", "高") for n in range(3)),
]
_RATIOS = {"低": ("20", "ceiling", 0), "一般": ("50", "half-up", 0), "高": ("60", "ceiling", 0)}
SMALL = paper.frame(_OBJECTS, [paper.member(f"p{n}") for n in range(6)], [paper.TEAM], _RATIOS)


def tally(its, numbers):
    """Count in how many draws each object, person and pair of them occurs; pairs of people by visits."""
    counted = Counter()
    for number in numbers:
        outcome = lottery.draw(its, paper.seed(number))
        drawn = sorted(outcome["drawn"])
        counted["draws"] += 1
        counted.update(drawn)
        counted.update(itertools.combinations(drawn, 2))
        for visit in outcome["visits"]:
            them = sorted(visit["teams"]["局"])
            counted.update(them)
            counted[tuple(them)] += 1
    return counted


def judge_objects(its, counted):
    """Name the objects and pairs whose rate lies outside its bound."""
    strata = {each["name"]: each for each in its["strata"]}
    inside = Counter(each["stratum"] for each in its["objects"])
    wrong = []
    for each in its["objects"]:
        chance = strata[each["stratum"]]["count"] / inside[each["stratum"]]
        wrong += _outside((each["id"],), counted[each["id"]], counted["draws"], chance, SIGMAS)
    for one, two in itertools.combinations(sorted(its["objects"], key=lambda each: each["id"]), 2):
        n, size = strata[one["stratum"]]["count"], inside[one["stratum"]]
        chance = n / size * strata[two["stratum"]]["count"] / inside[two["stratum"]]
        if one["stratum"] == two["stratum"]:
            chance = n * (n - 1) / (size * (size - 1))
        pair = (one["id"], two["id"])
        wrong += _outside(pair, counted[pair], counted["draws"], chance, PAIR_SIGMAS)
    for name, size in inside.items():
        rate = (
            sum(counted[each["id"]] for each in its["objects"] if each["stratum"] == name) / counted["draws"]
        )
        if rate != strata[name]["count"]:
            wrong.append(f"{name}: {rate} of {size} a draw, not {strata[name]['count']}")
    return wrong


def judge_people(its, counted):
    """Name the people and pairs of people who are sent oftener or more seldom than others."""
    people = sorted(each["id"] for each in its["people"])
    visits = counted["draws"] * sum(each["count"] for each in its["strata"])
    pairs = list(itertools.combinations(people, 2))
    wrong = []
    for pair in pairs:
        wrong += _outside(pair, counted[pair], visits, 1 / len(pairs), PAIR_SIGMAS)
    for person in people:
        # Spread evenly, people differ less than by chance alone.
        wrong += _outside((person,), counted[person], visits, 2 / len(people), SIGMAS)
    return wrong


def _outside(who, times, draws, chance, sigmas):
    bound = sigmas * sqrt(chance * (1 - chance) / draws)
    rate = times / draws
    return [] if abs(rate - chance) <= bound else [f"{who}: {rate:.5f}, not {chance:.5f} ± {bound:.5f}"]


def main():
    parser = argparse.ArgumentParser(prog="make chances")
    parser.add_argument("--draws", type=int, default=100_000)
    asked = parser.parse_args()
    began = time.monotonic()
    counted = tally(SMALL, range(asked.draws))
    wrong = judge_objects(SMALL, counted) + judge_people(SMALL, counted)
    print(f"{asked.draws} draws in {time.monotonic() - began:.0f} s: {len(wrong)} rates outside their bounds")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
