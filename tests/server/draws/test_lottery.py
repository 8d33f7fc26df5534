"""The draw as an algorithm: what a frame and a seed give, how often, and that others find the same."""

import copy
import itertools
import json
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.draws import frame as frames
from server.draws import lottery
from tests.server.draws import paper
from tests.server.draws.chances import SMALL, judge_objects, judge_people, tally
from tests.server.draws.paper import TEAM, VERIFIER, candidate, member, published, seed

VERIFIER_MODULE = paper.verifier()


def objects(count, **more):
    return [candidate(f"o{number}", **more) for number in range(count)]


def people(count, **more):
    return [member(f"p{number}", **more) for number in range(count)]


@pytest.mark.parametrize(
    ("percent", "rounding", "least", "base", "available", "count"),
    [
        ("5", "ceiling", 0, 101, 101, 6),  # ≥5 %: 5.05 are 6
        ("5", "half-up", 0, 101, 101, 5),  # 5 %: 5.05 are 5, 四舍五入
        ("5", "half-up", 0, 110, 110, 6),  # 5.5 are 6
        ("7.88", "ceiling", 0, 10_000, 10_000, 788),  # exactly, not 788.0000000001
        ("0.1", "half-up", 2, 10, 10, 2),  # not fewer than two
        ("0", "half-up", 3, 10, 10, 3),  # 3户
        ("0", "half-up", 3, 2, 2, 2),
        ("25", "ceiling", 0, 10, 1, 1),  # the last batch takes what is left
        ("100", "half-up", 0, 7, 7, 7),
        ("50", "ceiling", 0, 0, 0, 0),
    ],
)
def test_a_ratio_becomes_a_count_with_the_stated_rounding(percent, rounding, least, base, available, count):
    stratum = {"name": "x", "percent": percent, "rounding": rounding, "least": least, "count": 0}
    assert frames.count_of(stratum, base, available) == count


def test_everybody_has_the_chance_that_the_plan_gives():
    # As many as a test may take; `make chances` draws 100,000 times.
    counted = tally(SMALL, range(3_000))
    assert judge_objects(SMALL, counted) == []
    assert judge_people(SMALL, counted) == []


def test_lots_are_chances_in_the_urn():
    # By hand: of objects with 1, 1 and 3 lots two are drawn; the first is out when the other two come in either order.
    its = paper.frame(
        [candidate("a"), candidate("b"), candidate("c", lots=3)], ratios={"全部": ("0", "ceiling", 2)}
    )
    rounds = 6_000
    drawn = Counter(found for number in range(rounds) for found in lottery.draw_objects(its, seed(number)))
    first_out = Fraction(1, 5) * Fraction(3, 4) + Fraction(3, 5) * Fraction(1, 2)
    expected = {"a": 1 - first_out, "b": 1 - first_out, "c": 1 - 2 * Fraction(1, 5) * Fraction(1, 4)}
    for name, chance in expected.items():
        assert abs(drawn[name] / rounds - chance) < 3 * sqrt(chance * (1 - chance) / rounds)


def test_what_is_out_is_never_drawn_and_batches_use_up_the_year():
    out: list[str] = []
    for batch in range(4):
        its = paper.frame(
            [
                candidate(f"o{n}", out="drawn_before" if f"o{n}" in out else "", counted=True)
                for n in range(10)
            ]
            + [candidate("gone", out="cancelled")],
            ratios={"全部": ("25", "ceiling", 0)},
        )
        drawn = lottery.draw_objects(its, seed(batch))
        assert not {*drawn} & {*out, "gone"}
        out += drawn
    assert sorted(out) == sorted(f"o{n}" for n in range(10))


def test_the_order_of_a_frame_does_not_matter_to_its_lots():
    its = paper.frame(objects(30), people(7), [TEAM])
    turned = {**its, "objects": its["objects"][::-1], "people": its["people"][::-1]}
    assert lottery.draw(its, seed(1)) == lottery.draw(turned, seed(1))


def test_visits_are_spread_evenly_and_nobody_is_sent_where_barred():
    crew = people(9)
    crew[0]["barred"] = [f"o{n}" for n in range(0, 60, 2)]
    crew[1]["regions"] = ["140500"]
    crew[2]["load"] = 4
    its = paper.frame(objects(60), crew, [TEAM], {"全部": ("100", "half-up", 0)})
    outcome = lottery.draw(its, seed(1))
    sent = Counter(person for visit in outcome["visits"] for person in visit["teams"]["局"])
    assert outcome["unmatched"] == []
    assert sent["p1"] == 0
    sent["p2"] += 4
    assert max(sent.values()) - min(sent[f"p{n}"] for n in (0, 2, 3, 4, 5, 6, 7, 8)) <= 1
    assert all("p0" not in v["teams"]["局"] for v in outcome["visits"] if int(v["object"][1:]) % 2 == 0)


def test_somebody_who_may_lead_stands_first_and_experts_are_drawn_beside():
    crew = [*people(6), member("lead1", leads=True), member("lead2", leads=True)]
    experts = [member(f"e{n}", team="专家") for n in range(3)]
    teams = [TEAM | {"leads": True}, {"name": "专家", "size": 1, "leads": False, "most": 0, "experts": True}]
    its = paper.frame(objects(24), [*crew, *experts], teams, {"全部": ("100", "half-up", 0)})
    outcome = lottery.draw(its, seed(3))
    for visit in outcome["visits"]:
        assert visit["teams"]["局"][0].startswith("lead")
        assert len(visit["teams"]["局"]) == 2
        assert visit["teams"]["专家"][0].startswith("e")
    VERIFIER_MODULE.verify(published(its))


@pytest.mark.parametrize(
    ("crew", "team", "why"),
    [
        ([member("p0"), member("p1", region="140500")], TEAM, "region"),
        ([member("p0"), member("p1", barred=["o0"])], TEAM, "recusal"),
        ([member("p0"), member("p1")], TEAM | {"leads": True}, "lead"),
        ([member("p0"), member("p1", load=3)], TEAM | {"most": 3}, "load"),
    ],
)
def test_an_object_that_nobody_can_visit_is_named_with_the_reason(crew, team, why):
    its = paper.frame(objects(1), crew, [team])
    outcome = lottery.draw(its, seed(1))
    assert outcome["visits"] == []
    assert outcome["unmatched"] == [{"object": "o0", "team": "局", "why": why}]
    assert lottery.unmatchable(its) == outcome["unmatched"]
    VERIFIER_MODULE.verify(published(its))


def test_a_replacement_is_the_next_by_chance_and_nobody_comes_back():
    crew = [*people(3), member("lead1", leads=True), member("lead2", leads=True)]
    its = paper.frame(objects(4), crew, [TEAM | {"leads": True}], {"全部": ("100", "half-up", 0)})
    draw = published(its)
    visit = draw["visits"][0]
    steps, place = [], (visit["object"], "局")
    lead, second = visit["teams"]["局"]
    for out in (lead, second):
        into = lottery.replace(its, draw["seed"], draw["visits"], steps, place, out)
        steps.append({"object": visit["object"], "team": "局", "out": out, "into": into})
    assert {lead, steps[0]["into"]} == {"lead1", "lead2"}
    assert steps[1]["into"] in {"p0", "p1", "p2"} - {second}
    assert lottery.replace(its, draw["seed"], draw["visits"], steps, place, steps[0]["into"]) == ""
    VERIFIER_MODULE.verify(published(its, replacements=steps))
    steps[1]["into"] = next(iter({"p0", "p1", "p2"} - {second, steps[1]["into"]}))
    with pytest.raises(VERIFIER_MODULE.Wrong, match="replacement"):
        VERIFIER_MODULE.verify(published(its, replacements=steps))


@st.composite
def any_frame(draw):
    regions = st.sampled_from(["140522", "140525"])
    names = [f"o{n}" for n in range(draw(st.integers(1, 25)))]
    its_objects = [
        candidate(
            name,
            draw(st.sampled_from("ABC")),
            draw(regions),
            lots=draw(st.integers(1, 4)),
            out=draw(st.sampled_from(["", "", "", "cancelled", "drawn_before"])),
            counted=draw(st.booleans()),
        )
        for name in names
    ]
    crew = [
        member(
            f"p{n}",
            draw(regions),
            draw(st.sampled_from(["甲", "乙"])),
            leads=draw(st.booleans()),
            load=draw(st.integers(0, 2)),
            barred=draw(st.lists(st.sampled_from(names), max_size=2, unique=True)),
        )
        for n in range(draw(st.integers(0, 9)))
    ]
    teams = [
        {
            "name": "甲",
            "size": 2,
            "leads": draw(st.booleans()),
            "most": draw(st.integers(0, 4)),
            "experts": False,
        },
        {"name": "乙", "size": 1, "leads": False, "most": 0, "experts": True},
    ]
    share = st.decimals(0, 100, places=1).map(str)
    ratios = {
        s: (draw(share), draw(st.sampled_from(["ceiling", "half-up"])), draw(st.integers(0, 2)))
        for s in "ABC"
    }
    return paper.frame(its_objects, crew, teams, ratios)


@given(
    any_frame(),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.sampled_from(["", "双色球 2026001: 3 9 12"]),
)
@settings(max_examples=60, deadline=None)
def test_the_verifier_finds_every_draw_again(its, secret, randomness):
    VERIFIER_MODULE.verify(json.loads(json.dumps(published(its, secret, randomness))))


@given(any_frame(), st.data())
@settings(max_examples=60, deadline=None)
def test_one_byte_of_the_frame_changes_its_digest(its, data):
    spelling = frames.canonical(its)
    place = data.draw(st.integers(0, len(spelling) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != spelling[place]))
    changed = spelling[:place] + bytes([byte]) + spelling[place + 1 :]
    assert frames.digest(changed) != frames.digest(spelling)
    try:
        read = json.loads(changed)
    except ValueError:
        return
    with pytest.raises((VERIFIER_MODULE.Wrong, KeyError, TypeError, AttributeError)):
        VERIFIER_MODULE.verify(published(its) | {"frame": read})


def test_the_verifier_names_whatever_was_changed():
    its = paper.frame(objects(20), people(6), [TEAM])
    good = published(its, randomness="drand")
    VERIFIER_MODULE.verify(good)
    swapped = good["drawn"][::-1]
    visits = copy.deepcopy(good["visits"])
    visits[0]["teams"]["局"] = visits[0]["teams"]["局"][::-1]
    for change, what in (
        ({"secret": ""}, "revealed"),
        ({"secret": "00" * 32}, "commitment"),
        ({"commitment": "00" * 32}, "commitment"),
        ({"frame": paper.frame(objects(21))}, "digest"),
        ({"randomness": "another"}, "seed"),
        ({"randomness": "", "randomness_source": ""}, "seed"),
        ({"seed": "00" * 32}, "seed"),
        ({"randomness_source": ""}, "randomness"),
        ({"frozen_at": "2026-01-05T04:00:00.000Z"}, "order"),
        ({"drawn": swapped}, "list of objects"),
        ({"drawn": good["drawn"][1:]}, "list of objects"),
        ({"visits": visits}, "people"),
        ({"visits": good["visits"][1:]}, "people"),
        ({"unmatched": [{"object": "o1", "team": "局", "why": "lead"}]}, "without people"),
    ):
        with pytest.raises(VERIFIER_MODULE.Wrong, match=what):
            VERIFIER_MODULE.verify(good | change)


def test_the_verifier_knows_objects_that_were_not_locked():
    city = published(
        paper.frame([*objects(6), candidate("far", region="140525")], ratios={"全部": ("100", "ceiling", 0)})
    )
    handed = [candidate(f"o{n}") for n in range(6)]
    county = paper.frame(handed, people(4), [TEAM], {"全部": ("100", "ceiling", 0)})
    county["about"] |= {"locked_by": "a", "region": "140522"}
    VERIFIER_MODULE.verify(published(county), city)
    for changed, locked in (
        (county, None),
        (county, city | {"id": "b"}),
        ({**county, "objects": [*handed, candidate("far")]}, city),
        ({**county, "objects": [*handed[1:], candidate("strange")]}, city),
    ):
        again = paper.frame(changed["objects"], ratios={"全部": ("100", "ceiling", 0)})
        with pytest.raises(VERIFIER_MODULE.Wrong, match="lock"):
            VERIFIER_MODULE.verify(
                published({**changed, "strata": again["strata"], "total": again["total"]}), locked
            )


def test_the_verifier_is_a_program_that_exits_with_what_is_wrong(tmp_path):
    file = tmp_path / "draw.json"
    good = published(paper.frame(objects(20), people(6), [TEAM]))
    for content, status, said in (
        (good, 0, "HOLDS: 10 objects, 10 visits"),
        (good | {"drawn": []}, 1, "WRONG: 抽取名单不符"),
        ({"frame": {}}, 1, "BROKEN"),
    ):
        file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-I", str(VERIFIER), str(file)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, said in done.stdout + done.stderr) == (status, True), done


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"objects": [candidate("o0"), candidate("o0")]}, "id used twice"),
        ({"people": [member("o1"), member("p1")]}, "id used twice"),
        ({"objects": [candidate("o0", "nowhere")]}, "stratum"),
        ({"objects": objects(3)}, "add up"),
        ({"objects": [candidate("o0"), candidate("o1", out="case", counted=True)], "people": []}, "count"),
        ({"total": {"percent": "50", "rounding": "ceiling", "least": 0}}, "add up"),
        ({"objects": [candidate("o0", lots=101), candidate("o1")]}, "lots"),
        ({"people": [member("p0", team="none")]}, "team"),
        ({"teams": [TEAM | {"size": 1}]}, "size"),
        ({"teams": [TEAM, TEAM]}, "team named twice"),
    ],
)
def test_a_frame_that_contradicts_itself_is_refused(change, what):
    its = paper.frame(objects(2), people(2), [TEAM], {"全部": ("100", "ceiling", 0)})
    frames.check(its)
    with pytest.raises(ValueError, match=what):
        frames.check({**its, **change})


def test_control_characters_have_no_place_in_a_frame():
    assert b"\\\\u" in frames.canonical({"name": "a\\u0041"})
    for name in ("a\nb", "a\x1fb", "\ud800"):
        with pytest.raises(ValueError):
            frames.canonical({"name": name})


def test_a_seed_depends_on_secret_frame_and_randomness():
    parts = list(itertools.product(("1" * 64, "2" * 64), ("3" * 64, "4" * 64), ("", "x")))
    assert len({lottery.seed_of(*each) for each in parts}) == len(parts)
