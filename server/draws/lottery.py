"""The draw (抽取): who is inspected and by whom, from a frozen frame and a seed. The algorithm and nothing else.

1. The hash of a secret is published: `commitment`.
2. The frame (who may be drawn, who may be sent, how many) is frozen and its `digest` published.
3. The secret is revealed. `seed_of` binds it to the frame, and to public randomness where that was announced.
4. In each stratum every object has one lot (签) or more: hashes of the seed and its name. Lots are drawn the
   smallest first, those of objects that are drawn already don't count, until as many objects are drawn as the
   ratio asks. With w lots for an object this is weighted sampling without replacement (Efraimidis and
   Spirakis 2006: the best of w equal lots is distributed as one of weight w), in integers only.
5. The drawn objects, in this order, are given their people: of those who may go there the one with the fewest
   visits so far, among equals the one with the smallest lot; first somebody who may lead, then the others.

All names are text without line ends; everything is compared as text or whole numbers: no floats, no clock, no
order of a dictionary. `docs/verify_draw.py` does the same from the published file in its own words.
"""

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TypedDict

from server.draws.frame import Frame, Team


class Visit(TypedDict):
    """A drawn object with its people by team, whoever leads first."""

    object: str
    teams: dict[str, list[str]]


class Unmatched(TypedDict):
    """A drawn object that a team can't visit. `why`: "region", "recusal", "lead" or "load", what lacked first."""

    object: str
    team: str
    why: str


class Outcome(TypedDict):
    """What a draw gives: the objects in the order they were drawn, visits, and objects that nobody can visit."""

    drawn: list[str]
    visits: list[Visit]
    unmatched: list[Unmatched]


class Replacement(TypedDict):
    """Somebody who can't go after all. `into`: who goes instead; empty when there is nobody."""

    object: str
    team: str
    out: str
    into: str


def commitment(secret: str) -> str:
    """Say what is published of a secret (64 hex digits) beforehand."""
    return _hash("merestone draw secret", secret)


def seed_of(secret: str, frame_digest: str, randomness: str) -> str:
    """Bind the secret to the frame, and to public randomness that nobody knew when it was frozen ("" for none)."""
    return _hash("merestone draw seed", secret, frame_digest, randomness)


def draw(frame: Frame, seed: str) -> Outcome:
    """Draw the objects of a frame and match people to them. Costs n log n of what the frame holds."""
    drawn = draw_objects(frame, seed)
    visits, unmatched = match(frame, seed, drawn)
    return {"drawn": drawn, "visits": visits, "unmatched": unmatched}


def draw_objects(frame: Frame, seed: str) -> list[str]:
    """Draw from each stratum, in the order of the frame's strata, the objects with the smallest lots."""
    urns: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for each in frame["objects"]:
        if not each["out"]:
            lots = (_hash(seed, "object", each["id"], str(number)) for number in range(each["lots"]))
            urns[each["stratum"]].append((min(lots), each["id"]))
    return [
        found
        for stratum in frame["strata"]
        for _, found in heapq.nsmallest(stratum["count"], urns[stratum["name"]])
    ]


def match(frame: Frame, seed: str, drawn: Sequence[str]) -> tuple[list[Visit], list[Unmatched]]:
    """Give each object its people, in the order of the list; tell those that can't be visited, and why."""
    crew = _Crew(frame, seed)
    regions = {each["id"]: each["region"] for each in frame["objects"]}
    visits: list[Visit] = []
    unmatched: list[Unmatched] = []
    for found in drawn:
        chosen: dict[str, list[str]] = {}
        for team in frame["teams"]:
            chosen[team["name"]] = crew.choose(team, found, regions[found])
            if not chosen[team["name"]]:
                why = crew.lack(team, found, regions[found])
                unmatched.append({"object": found, "team": team["name"], "why": why})
                break
        else:
            if frame["teams"]:
                visits.append({"object": found, "teams": chosen})
                crew.send(person for members in chosen.values() for person in members)
    return visits, unmatched


def unmatchable(frame: Frame) -> list[Unmatched]:
    """Tell beforehand which objects of the urns nobody could visit, whatever is drawn, and why."""
    crew = _Crew(frame, "")
    return [
        {"object": each["id"], "team": team["name"], "why": crew.lack(team, each["id"], each["region"])}
        for each in frame["objects"]
        if not each["out"]
        for team in frame["teams"]
        if not crew.choose(team, each["id"], each["region"])
    ]


def replace(frame: Frame, seed: str, visits: Sequence[Visit], earlier: Sequence[Replacement],
            place: tuple[str, str], out: str) -> str:  # fmt: skip
    """Choose who goes instead of somebody: the next by fewest visits and smallest lot; "" when there is nobody.

    `earlier` are the replacements of this draw until now, in their order; `place` is (object, team). Whoever led is
    replaced by somebody who may lead; nobody comes back to an object that was left once.
    """
    crew, standing = _Crew(frame, seed), standing_teams(visits, earlier)
    for members in standing.values():
        crew.send(members)
    found, team = place
    members = standing[place]
    gone = {each["out"] for each in earlier if (each["object"], each["team"]) == place}
    region = next(each["region"] for each in frame["objects"] if each["id"] == found)
    its = next(each for each in frame["teams"] if each["name"] == team)
    leads = its["leads"] and members[0] == out
    return crew.least(its, region, {*members, *gone, *crew.barred[found]}, leads=leads)


def standing_teams(
    visits: Sequence[Visit], replacements: Sequence[Replacement]
) -> dict[tuple[str, str], list[str]]:
    """Say who goes to each object for each team after all replacements; a replacement stands where the other stood."""
    standing = {
        (visit["object"], team): list(them) for visit in visits for team, them in visit["teams"].items()
    }
    for each in replacements:
        members = standing[each["object"], each["team"]]
        place = members.index(each["out"])
        members[place : place + 1] = [each["into"]] if each["into"] else []
    return standing


class _Crew:
    """Everybody who may be sent, in heaps by team, region and whether they may lead: the least burdened on top."""

    def __init__(self, frame: Frame, seed: str) -> None:
        self._seed = seed
        self._load = {each["id"]: each["load"] for each in frame["people"]}
        self._heaps: dict[tuple[str, str, bool], list[tuple[int, str, str]]] = defaultdict(list)
        self.barred: dict[str, set[str]] = defaultdict(set)
        for each in frame["people"]:
            for region in each["regions"]:
                for leads in {False, each["leads"]}:
                    self._heaps[each["team"], region, leads].append(self._turn(each["id"]))
            for found in each["barred"]:
                self.barred[found].add(each["id"])
        for heap in self._heaps.values():
            heapq.heapify(heap)

    def choose(self, team: Team, found: str, region: str) -> list[str]:
        """Choose a team for an object; nobody when it isn't complete."""
        members: list[str] = []
        while len(members) < team["size"]:
            leads = team["leads"] and not members
            person = self.least(team, region, {*members, *self.barred[found]}, leads=leads)
            if not person:
                return []
            members.append(person)
        return members

    def send(self, people: Iterable[str]) -> None:
        """Count a visit for each."""
        for person in people:
            self._load[person] += 1

    def least(self, team: Team, region: str, without: Collection[str], *, leads: bool) -> str:
        """Find who has the fewest visits, among equals the smallest lot; "" when there is nobody."""
        heap = self._heaps[team["name"], region, leads]
        passed: list[tuple[int, str, str]] = []
        found = ""
        while heap and not found and not (team["most"] and heap[0][0] >= team["most"]):
            turn = self._turn(heap[0][2])
            if turn != heap[0]:  # has been sent since; loads only grow, so the top is never too late
                heapq.heapreplace(heap, turn)
            elif turn[2] in without:
                passed.append(heapq.heappop(heap))
            else:
                found = turn[2]
        for each in passed:
            heapq.heappush(heap, each)
        return found

    def lack(self, team: Team, found: str, region: str) -> str:
        """Say what an object's team lacked first: people in the region, people not barred, a lead, or time."""
        here = {each[2] for each in self._heaps[team["name"], region, False]}
        free = here - self.barred[found]
        if len(here) < team["size"]:
            return "region"
        if len(free) < team["size"]:
            return "recusal"
        leads = {each[2] for each in self._heaps[team["name"], region, True]} & free
        return "load" if leads or not team["leads"] else "lead"

    def _turn(self, person: str) -> tuple[int, str, str]:
        load = self._load[person]
        return load, _hash(self._seed, "person", person, str(load)), person


def _hash(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
