"""Ratio expressions as plans write them."""

import pytest

from server.planning.ratios import Ratio, UnreadableRatio, parse_ratio

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
}
EMPTY = Ratio().as_json()


@pytest.mark.parametrize("text", READ)
def test_a_ratio_is_read(text):
    assert parse_ratio(text).as_json() == EMPTY | READ[text]


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
        "9" * 5000 + "%",
    ],
)
def test_what_can_not_be_drawn_by_is_not_guessed(text):
    with pytest.raises(UnreadableRatio):
        parse_ratio(text)
