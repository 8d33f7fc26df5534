"""The order in which the rules of a form are settled: each after what it reads; what has no order is a cycle."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from forms.xpath import Scope, Shape
from forms.xpath.references import references_of


class Step(IntEnum):
    """What is settled at a node, in this order: whether it is relevant, its value, whether that is offered."""

    RELEVANT = 0
    CALCULATE = 1
    OFFER = 2


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One expression to settle, for every instance of its node.

    `run` gives the truth of a relevance, the text of a value, the nodes that are offered. `volatile`: a
    second evaluation gives something else. `wordy`: it gives words in the phone's language. `whole_list`: what
    is offered is this list, all of it.
    """

    step: Step
    shape: Shape
    run: Callable[[Scope], Any]
    expression: str
    volatile: bool
    wordy: bool
    whole_list: str | None = None


def dependencies(units: Sequence[Unit]) -> list[set[int]]:
    """Return for each unit the places of those that must be settled before it."""
    places: dict[Shape, list[int]] = {}
    for place, unit in enumerate(units):
        places.setdefault(unit.shape, []).append(place)
    return [set(_needs(place, units, places)) for place in range(len(units))]


def in_order(units: Sequence[Unit]) -> tuple[list[Unit], list[Unit]]:
    """Bring units into an order in which each finds settled what it reads; return those that have none, too."""
    needs = dependencies(units)
    wanted_by: list[list[int]] = [[] for _ in units]
    for place, needed in enumerate(needs):
        for each in needed:
            wanted_by[each].append(place)
    ready = [place for place, needed in enumerate(needs) if not needed]
    heapq.heapify(ready)
    ordered: list[Unit] = []
    while ready:
        place = heapq.heappop(ready)
        ordered.append(units[place])
        for each in wanted_by[place]:
            needs[each].discard(place)
            if not needs[each]:
                heapq.heappush(ready, each)
    return ordered, [unit for unit, needed in zip(units, needs, strict=True) if needed]


def _needs(place: int, units: Sequence[Unit], places: dict[Shape, list[int]]) -> Iterator[int]:
    """Yield what must be settled before a unit: what it reads, and the relevance of all that holds that."""
    unit = units[place]
    yield from _relevance_above(unit.shape, units, places, with_own=unit.step is not Step.RELEVANT)
    if unit.step is Step.OFFER:
        yield from (each for each in places[unit.shape] if units[each].step is Step.CALCULATE)
    found = references_of(unit.expression, unit.shape)
    for shape in found.nodes | found.others:
        own_choice = unit.step is Step.OFFER and shape is unit.shape
        for below in (shape,) if shape.leaf or shape.repeat else shape.walk():
            yield from (
                each
                for each in places.get(below, ())
                if not own_choice and not (shape in found.others and each == place)
            )
        yield from _relevance_above(shape, units, places, with_own=True)


def _relevance_above(
    shape: Shape | None, units: Sequence[Unit], places: dict[Shape, list[int]], *, with_own: bool
) -> Iterator[int]:
    if not with_own and shape is not None:
        shape = shape.parent
    while shape is not None:
        yield from (each for each in places.get(shape, ()) if units[each].step is Step.RELEVANT)
        shape = shape.parent


def cycles(units: Sequence[Unit]) -> list[list[Unit]]:
    """Return each circle of units that need one another, as a chain that ends where it began."""
    needs = dependencies(units)
    found: list[list[Unit]] = []
    told: set[int] = set()
    for start in range(len(units)):
        if start in told:
            continue
        chain = _way_back(start, needs)
        if chain:
            told |= set(chain)
            found.append([units[place] for place in chain])
    return found


def _way_back(start: int, needs: Sequence[set[int]]) -> list[int]:
    """Return the shortest way from a unit over what it needs back to itself; empty where there is none."""
    came_from: dict[int, int] = {}
    queue = [start]
    for place in queue:
        for needed in sorted(needs[place]):
            if needed == start:
                chain = [place]
                while chain[-1] != start:
                    chain.append(came_from[chain[-1]])
                return [*reversed(chain), start]
            if needed not in came_from:
                came_from[needed] = place
                queue.append(needed)
    return []
