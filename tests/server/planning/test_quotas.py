"""From ratios to numbers of objects, with the sums told."""

import itertools
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.planning.ratio_texts import parse_ratio
from server.planning.ratios import INCREASING, QuotaRule, Ratio, Rounding, quota

HALF_UP = QuotaRule(Rounding.HALF_UP)
RISING = QuotaRule(weights=INCREASING)
FUZHOU = QuotaRule(least_percent=Decimal(5), least_draws=2)  # 原则上不低于5%，每年不少于2次

SIZES = st.dictionaries(st.sampled_from(["", *"ABCD"]), st.integers(0, 3000), min_size=1)
PERCENTS = st.decimals("0.01", "100", places=2)


def drawn(text, rule=None, **strata):
    return dict(quota(parse_ratio(text), strata, rule or QuotaRule()).strata)


@pytest.mark.parametrize(
    ("text", "size", "ceiling", "half_up"),
    [
        ("5%", 8, 1, 0),
        ("5%", 10, 1, 1),
        ("≥5%", 8, 1, 1),
        ("30%", 21, 7, 6),
        ("≥30%", 21, 7, 7),
        ("25%", 10, 3, 3),
        ("25%", 9, 3, 2),
        ("33.3%", 1000, 333, 333),
        ("100%", 7, 7, 7),
        ("5%", 0, 0, 0),
        ("2户", 7, 2, 2),
        ("20户", 7, 7, 7),
    ],
)
def test_a_share_is_rounded_up_and_half_up_only_where_named_and_never_below_a_floor(
    text, size, ceiling, half_up
):
    assert drawn(text, A=size) == {"A": ceiling}
    assert drawn(text, HALF_UP, A=size) == {"A": half_up}


def test_one_share_for_all_is_allotted_by_size_and_not_rounded_up_in_every_class():
    assert drawn("25%", A=10, B=10, C=10, D=10) == {"A": 2, "B": 2, "C": 3, "D": 3}
    assert drawn("10%", A=91, D=9) == {"A": 9, "D": 1}


def test_shares_rise_step_by_step_with_the_class():
    rising = quota(parse_ratio("25%"), {"A": 40, "B": 30, "C": 20, "D": 10}, RISING)

    assert dict(rising.strata) == {"A": 5, "B": 7, "C": 8, "D": 5}  # 12.5 %, 23 %, 40 %, 50 %: 25 of 100
    assert [step.text for step in rising.arithmetic] == [
        "名录：100 × 25% = 25",
        "按风险等级递加分配：A 类 5/40、B 类 7/30、C 类 8/20、D 类 5/10",
    ]
    assert drawn("25%", RISING, A=4, D=4) == {"A": 0, "D": 2}
    assert drawn("60%", RISING, A=8, D=2) == {"A": 4, "D": 2}, "a class gives no more than it has"


def test_a_class_of_weight_nought_gives_what_the_others_lack():
    spared = QuotaRule(weights={"A": Fraction(0), "B": Fraction(0), "D": Fraction(4)})

    assert drawn("20%", spared, A=10, D=5) == {"A": 0, "D": 3}
    assert drawn("50%", spared, A=10, D=2) == {"A": 4, "D": 2}
    assert drawn("≥50%", spared, A=6, B=3) == {"A": 3, "B": 2}
    assert drawn("100%", spared, A=6, B=3, D=1) == {"A": 6, "B": 3, "D": 1}


@given(
    SIZES,
    PERCENTS,
    st.dictionaries(st.sampled_from("ABCD"), st.sampled_from([Fraction(each, 2) for each in range(5)])),
)
def test_whatever_the_weights_are_the_announced_share_is_drawn(sizes, percent, weights):
    ratio, rule = Ratio(percent=percent), QuotaRule(weights=weights)

    reckoned = quota(ratio, sizes, rule)

    assert reckoned.total == quota(ratio, sizes).total
    assert all(0 <= reckoned.strata[key] <= size for key, size in sizes.items())


def test_shares_by_class_are_reckoned_class_by_class():
    text = "A类1%、B类3%、C类5%、D类10%"

    assert drawn(text, A=150, B=100, C=30, D=11) == {"A": 2, "B": 3, "C": 2, "D": 2}
    assert drawn(text, HALF_UP, A=150, B=100, C=30, D=11) == {"A": 2, "B": 3, "C": 2, "D": 1}
    assert quota(parse_ratio(text), {"": 100}).strata == {"": 3}, "what nobody has classed counts as B"


def test_the_sums_are_told_as_they_were_reckoned():
    told = quota(parse_ratio("≥5%"), {"A": 21}, HALF_UP).arithmetic
    counted = quota(parse_ratio("20户"), {"": 7}).arithmetic

    assert [step.text for step in told] == ["名录：21 × 5% = 1.05，向上取整取 2"]
    assert [step.text_en for step in told] == ["frame: 21 × 5% = 1.05, rounded up: 2"]
    assert counted[0].text == "固定 20 个，名录 7 个，名录不足，取 7 个"


@pytest.mark.parametrize(
    ("text", "draws"),
    [
        ("25%", 1),
        ("25%/季", 4),
        ("100% 1次/年", 1),
        ("50%，每季度2次", 8),
        ("5% 1次/半年", 2),
        ("1% 1次/月", 12),
    ],
)
def test_every_period_has_its_draws(text, draws):
    assert quota(parse_ratio(text), {"A": 10}).draws == draws


def test_a_bureaus_floors_raise_share_and_frequency_and_say_so():
    raised = quota(parse_ratio("1%"), {"A": 100, "D": 3}, FUZHOU)

    assert (dict(raised.strata), raised.draws) == ({"A": 3, "D": 3}, 2)
    assert [step.text for step in raised.arithmetic][-2:] == [
        "低于下限 5%，补足至 6 个",
        "每年 1 次，低于下限，按 2 次",
    ]
    high_enough = quota(parse_ratio("≥5% 2次/年"), {"A": 100}, FUZHOU)
    assert (high_enough.total, high_enough.draws) == (5, 2)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="negative"):
        quota(parse_ratio("5%"), {"A": -1})
    with pytest.raises(ValueError, match="class D"):
        quota(Ratio(by_class={"A": Decimal(1)}), {"D": 3})


@given(SIZES, PERCENTS, st.booleans())
def test_a_quota_is_the_share_of_the_frame_whatever_its_classes(strata, percent, rises):
    found = quota(Ratio(percent=percent), strata, RISING if rises else QuotaRule())

    assert found.total == ceil(Fraction(percent) * sum(strata.values()) / 100)
    assert all(0 <= found.strata[key] <= size for key, size in strata.items())
    assert set(found.strata) == set(strata)


@given(SIZES, PERCENTS)
def test_a_higher_class_is_never_drawn_less_but_for_one_object(strata, percent):
    found = quota(Ratio(percent=percent), strata, RISING).strata
    classes = [key for key in "ABCD" if strata.get(key)]

    for low, high in itertools.pairwise(classes):
        assert Fraction(found[low] - 1, strata[low]) <= Fraction(found[high] + 1, strata[high])
