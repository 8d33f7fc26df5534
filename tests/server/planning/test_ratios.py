"""Ratio expressions as plans write them."""

import pytest

from server.planning.ratio_texts import UnreadableRatio, parse_frequency, parse_ratio
from server.planning.ratios import Ratio

READ = {
    "5%": {"percent": "5"},
    "25%": {"percent": "25"},
    "12.50%": {"percent": "12.5"},
    "100%": {"percent": "100"},
    "≥5%": {"percent": "5", "at_least": True},
    "≥ 30 %": {"percent": "30", "at_least": True},
    ">=5%": {"percent": "5", "at_least": True},
    "不低于5%": {"percent": "5", "at_least": True},
    "不少于5％": {"percent": "5", "at_least": True},
    "5%以上": {"percent": "5", "at_least": True},
    "１００％": {"percent": "100"},
    "100% 1次/年": {"percent": "100", "times": 1, "period": "year"},
    "１００％　１次／年": {"percent": "100", "times": 1, "period": "year"},
    "5%，每年不少于2次": {"percent": "5", "times": 2, "times_at_least": True, "period": "year"},
    "50%，每季度一次": {"percent": "50", "times": 1, "period": "quarter"},
    "3% 一年两次": {"percent": "3", "times": 2, "period": "year"},
    "2户": {"count": 2},
    "不少于3家": {"count": 3, "at_least": True},
    "1户（实际以下达任务为准）": {"count": 1, "note": "实际以下达任务为准"},
    "全覆盖": {"percent": "100"},
    "25%/季": {"percent": "25", "times": 1, "period": "quarter"},
    "25%／季度": {"percent": "25", "times": 1, "period": "quarter"},
    "每季度25%": {"percent": "25", "times": 1, "period": "quarter"},
    "每月抽查不低于3%": {"percent": "3", "at_least": True, "times": 1, "period": "month"},
    "不低于5%、每年不少于2次": {
        "percent": "5", "at_least": True, "times": 2, "times_at_least": True, "period": "year",
    },
    "A类1%、B类3%、C类5%、D类10%": {"by_class": {"A": "1", "B": "3", "C": "5", "D": "10"}},
    "低风险≥1%；一般风险≥3%；较高风险≥5%；高风险≥10%，2次/年": {
        "by_class": {"A": "1", "B": "3", "C": "5", "D": "10"}, "at_least": True, "times": 2, "period": "year",
    },
}  # fmt: skip
EMPTY = Ratio().as_json()


@pytest.mark.parametrize("text", READ)
def test_a_ratio_is_read(text):
    ratio = parse_ratio(text)

    assert ratio.as_json() == EMPTY | READ[text]
    assert Ratio.from_json(ratio.as_json()) == ratio


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%",
        "0%",
        "101%",
        "0户",
        "5-10%",
        "若干",
        "5%或10%",
        "约5%",
        "1次/年",
        "5% 见附件",
        "A类1%、D类10%",
        "A类1%、A类2%、B类3%、C类5%、D类10%",
        "A类1%、B类3%、C类5%、D类若干",
        "A类1%、B类3%、C类≥5%、D类10%",
        "5% 0次/年",
        "9" * 5000 + "%",
    ],
)
def test_what_can_not_be_drawn_by_is_not_guessed(text):
    with pytest.raises(UnreadableRatio):
        parse_ratio(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1次/年", {"times": 1, "times_at_least": False, "period": "year"}),
        ("每年不少于2次", {"times": 2, "times_at_least": True, "period": "year"}),
        ("每季度一次", {"times": 1, "times_at_least": False, "period": "quarter"}),
        ("2", {"times": 2, "times_at_least": False, "period": "year"}),
        ("", {}),
    ],
)
def test_a_frequency_in_a_column_of_its_own_is_read(text, read):
    assert parse_frequency(text) == read


@pytest.mark.parametrize("text", ["不定期", "1次/年或更多", "0次/年"])
def test_a_frequency_that_says_nothing_is_not_guessed(text):
    with pytest.raises(UnreadableRatio):
        parse_frequency(text)


def test_a_ratio_that_was_kept_before_classes_had_shares_of_their_own_is_read():
    written = Ratio(count=2).as_json()
    del written["by_class"]

    assert Ratio.from_json(written) == Ratio(count=2)
