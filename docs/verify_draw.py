"""Check a published draw (抽取): python3 verify_draw.py DRAW.json [--locked LIST.json]. Exit 1 names what is wrong.

Needs Python 3.11 and nothing else; it was written apart from the program that draws, and takes its time.
DRAW.json is what /public/draws/{id} gives. LIST.json: the draw that locked the objects, when another one did.
"""

import argparse
import hashlib
import json
import sys
from fractions import Fraction
from pathlib import Path


class Wrong(Exception):
    """What does not hold."""


def sha256(*words):
    """Hash words, each on its line."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def need(holds, what):
    """Stop where something does not hold."""
    if not holds:
        raise Wrong(what)


def check_promise(draw):
    """Secret against commitment, frame against digest, both against the seed; and the order of events."""
    need(draw["secret"], "还没有揭示 / not revealed yet")
    need(
        sha256("merestone draw secret", draw["secret"]) == draw["commitment"],
        "密值与承诺不符 / secret, commitment",
    )
    spelling = json.dumps(draw["frame"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    need(
        hashlib.sha256(spelling.encode()).hexdigest() == draw["frame_digest"],
        "底册与摘要不符 / frame, digest",
    )
    seed = sha256("merestone draw seed", draw["secret"], draw["frame_digest"], draw["randomness"])
    need(seed == draw["seed"], "种子不符 / seed")
    need(
        bool(draw["randomness_source"]) == bool(draw["randomness"]),
        "公共随机数与公告不符 / public randomness",
    )
    need(draw["committed_at"] <= draw["frozen_at"] <= draw["revealed_at"], "先后次序不符 / order of events")


def number_of(share, base):
    """How many a share of a base are."""
    whole, rest = divmod(base * Fraction(share["percent"]) / 100, 1)
    up = rest > 0 if share["rounding"] == "ceiling" else rest >= Fraction(1, 2)
    return min(base, max(share["least"], whole + up))


def check_objects(draw):
    """Counts from ratios, and the objects from the lots."""
    frame, expected, parts, everything = draw["frame"], [], 0, 0
    for stratum in frame["strata"]:
        inside = [each for each in frame["objects"] if each["stratum"] == stratum["name"]]
        urn = [each for each in inside if not each["out"]]
        base = len(urn) + sum(1 for each in inside if each["out"] and each["counted"])
        count = min(len(urn), number_of(stratum, base))
        need(
            count == stratum["count"],
            f"应抽数不符 / count of {stratum['name']}: {count}, not {stratum['count']}",
        )
        parts, everything = parts + number_of(stratum, base), everything + base
        lots = {each["id"]: min(sha256(draw["seed"], "object", each["id"], str(lot)) for lot in range(each["lots"]))
                for each in urn}  # fmt: skip
        expected += sorted(lots, key=lots.get)[:count]
    need(
        parts == number_of(frame["total"], everything),
        "各层之和与抽查比例不符 / the strata, the ratio of the whole",
    )
    need(len(set(expected)) == len(expected), "对象编号重复 / an object is there twice")
    need(expected == draw["drawn"], "抽取名单不符 / the list of objects")


def pick(frame, seed, load, team, found, without, lead):
    """The least burdened of a team who may go, by the smallest lot."""
    region = next(each["region"] for each in frame["objects"] if each["id"] == found)
    free = [each["id"] for each in frame["people"]
            if each["team"] == team["name"] and region in each["regions"] and found not in each["barred"]
            and each["id"] not in without and (each["leads"] or not lead)
            and (not team["most"] or load[each["id"]] < team["most"])]  # fmt: skip
    fewest = min((load[each] for each in free), default=0)
    equal = [each for each in free if load[each] == fewest]
    return min(equal, key=lambda each: sha256(seed, "person", each, str(fewest)), default="")


def check_people(draw):
    """The people of each visit, and who can't be visited."""
    frame, load, visits, without_people = draw["frame"], {}, [], []
    load |= {each["id"]: each["load"] for each in frame["people"]}
    for found in draw["drawn"] if frame["teams"] else []:
        teams = {}
        for team in frame["teams"]:
            need(team["experts"] or team["size"] >= 2, "不足两名执法人员 / fewer than two inspectors")
            them = teams[team["name"]] = []
            while len(them) < team["size"] and "" not in them:
                them.append(pick(frame, draw["seed"], load, team, found, them, team["leads"] and not them))
            if "" in them:
                without_people.append((found, team["name"]))
                break
        else:
            visits.append({"object": found, "teams": teams})
            for person in [each for them in teams.values() for each in them]:
                load[person] += 1
    need(visits == draw["visits"], "匹配的检查人员不符 / the people matched")
    stated = [(each["object"], each["team"]) for each in draw["unmatched"]]
    need(without_people == stated, "无法匹配的对象不符 / the objects without people")


def check_replacements(draw):
    """Each replacement is the next by chance, and nobody came back."""
    standing = {
        (visit["object"], team): list(them)
        for visit in draw["visits"]
        for team, them in visit["teams"].items()
    }
    gone = set()
    for each in draw["replacements"]:
        found, name = each["object"], each["team"]
        load = {person["id"]: person["load"] for person in draw["frame"]["people"]}
        for person in [person for them in standing.values() for person in them]:
            load[person] += 1
        them = standing[found, name]
        place = them.index(each["out"])
        gone.add((found, name, each["out"]))
        without = {*them, *(person for *where, person in gone if where == [found, name])}
        team = next(team for team in draw["frame"]["teams"] if team["name"] == name)
        lead = team["leads"] and place == 0
        into = pick(draw["frame"], draw["seed"], load, team, found, without, lead)
        need(into == each["into"], f"更换人员不符 / the replacement of {each['out']} at {found}")
        them[place : place + 1] = [into] if into else []
    return standing


def check_locked(draw, locked):
    """A county matches people to exactly the objects that were locked to it."""
    about = draw["frame"]["about"]
    if "locked_by" in about:
        need(locked is not None, "需要 --locked / the draw that locked the objects is needed: --locked")
        need(
            locked["id"] == about["locked_by"],
            "不是锁定对象的那次抽取 / not the draw that locked the objects",
        )
        regions = {each["id"]: each["region"] for each in locked["frame"]["objects"]}
        handed = {found for found in locked["drawn"] if regions[found] == about["region"]}
        need(set(draw["drawn"]) <= handed, "对象不在锁定名单内 / an object that was not locked")


def verify(draw, locked=None):
    """Check everything; raises Wrong, or KeyError and the like for a file that is not whole."""
    for check in (check_promise, check_objects, check_people, check_replacements):
        check(draw)
    check_locked(draw, locked)


def main():
    """Check the files that were named and say so."""
    parser = argparse.ArgumentParser(description="Check a published draw.")
    parser.add_argument("draw", type=Path)
    parser.add_argument("--locked", type=Path)
    asked = parser.parse_args()
    try:
        locked = json.loads(asked.locked.read_text("utf-8")) if asked.locked else None
        draw = json.loads(asked.draw.read_text("utf-8"))
        verify(draw, locked)
        if locked:
            verify(locked)
    except Wrong as wrong:
        sys.exit(f"不符 WRONG: {wrong}")
    except (KeyError, ValueError, TypeError, StopIteration, ZeroDivisionError) as broken:
        sys.exit(f"文件不完整 BROKEN: {type(broken).__name__} {broken}")
    print(f"相符 HOLDS: {len(draw['drawn'])} objects, {len(draw['visits'])} visits, seed {draw['seed']}")


if __name__ == "__main__":
    main()
