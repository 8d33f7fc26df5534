"""Targeted and untargeted, through the scanner's eyes."""

import pytest

from server.planning.sampling import UnreadableSampling, parse_sampling

BOTH = ("untargeted", "targeted")


@pytest.mark.parametrize(
    ("text", "kinds", "repairs"),
    [
        ("定向", ("targeted",), []),
        ("不定向抽查", ("untargeted",), []),
        ("不定向抽查、定向抽查", BOTH, []),
        ("不定项抽查、项抽查", BOTH, ["misread"]),
        ("不定项抽查、定项抽查", BOTH, ["misread"]),
        ("不定 向抽 查", ("untargeted",), ["broken_word"]),
        ("不定向\n抽查、定向\n抽查", BOTH, ["broken_word"]),
        ("定向、定向", ("targeted",), ["doubled"]),
    ],
)
def test_kinds_are_read_and_repairs_told(text, kinds, repairs):
    read, told = parse_sampling(text)

    assert read == kinds
    assert [repair.kind for repair in told] == repairs


@pytest.mark.parametrize("text", ["", "、", "随机", "不随机抽查", "向日葵"])
def test_other_words_are_not_guessed(text):
    with pytest.raises(UnreadableSampling):
        parse_sampling(text)
