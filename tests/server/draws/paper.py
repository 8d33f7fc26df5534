"""Draws on paper: frames made from a few numbers, and the file that would be published of them."""

import hashlib
import importlib.util
from pathlib import Path

from server.draws import frame as frames
from server.draws import lottery

ROOT = Path(__file__).parents[3]
VERIFIER = ROOT / "docs" / "verify_draw.py"
TEAM = {"name": "局", "size": 2, "leads": False, "most": 0, "experts": False}


def verifier():
    """The program that strangers check a draw with."""
    spec = importlib.util.spec_from_file_location("verify_draw", VERIFIER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def candidate(name, stratum="全部", region="140522", **more):
    plain = {"code": "", "lots": 1, "out": "", "counted": False}
    return {"id": name, "name": f"矿山{name}", "region": region, "stratum": stratum, **plain, **more}


def member(name, region="140522", team="局", **more):
    return {"id": name, "team": team, "regions": [region], "leads": False, "load": 0, "barred": []} | more


def frame(objects, people=(), teams=(), ratios=None):
    """A frame with its counts; `ratios` are (percent, rounding, least) by stratum, 50 % where none is given."""
    found = frames.sizes(objects)
    strata = []
    for name in dict.fromkeys(each["stratum"] for each in objects):
        percent, rounding, least = (ratios or {}).get(name, ("50", frames.CEILING, 0))
        stratum = {"name": name, "percent": percent, "rounding": rounding, "least": least, "count": 0}
        stratum["count"] = frames.count_of(stratum, *found[name])
        strata.append(stratum)
    whole = sum(frames.number_of(each, found[each["name"]][0]) for each in strata)
    return {
        "about": {"task": "生产矿山抽查"},
        "total": {"percent": "0", "rounding": frames.CEILING, "least": whole},
        "strata": strata,
        "objects": list(objects),
        "teams": list(teams),
        "people": list(people),
    }


def published(its, secret="5e" * 32, randomness="", replacements=()):
    """What would be published of a draw from a frame."""
    frames.check(its)
    digest = frames.digest(frames.canonical(its))
    seed = lottery.seed_of(secret, digest, randomness)
    return {
        "id": "a",
        "commitment": lottery.commitment(secret),
        "secret": secret,
        "randomness_source": "drand 4242" if randomness else "",
        "randomness": randomness,
        "frame_digest": digest,
        "frame": its,
        "seed": seed,
        "committed_at": "2026-01-05T01:00:00.000Z",
        "frozen_at": "2026-01-05T02:00:00.000Z",
        "revealed_at": "2026-01-05T03:00:00.000Z",
        "replacements": list(replacements),
        **lottery.draw(its, seed),
    }


def seed(number):
    return hashlib.sha256(str(number).encode()).hexdigest()
