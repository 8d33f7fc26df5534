"""Credit codes: the samples of GB 32100, and codes that are in use although they fail."""

import pytest

from server.registry.uscc import check_digit, check_uscc


@pytest.mark.parametrize(
    "code",
    [
        "91110000101623741K",
        "911101066976941872",
        "91330000755918469E",
        "11370300MB286462XU",
        "91140522MA0K000230",  # remainder 0 gives 0, not the 31st symbol
    ],
)
def test_a_valid_code_passes(code):
    assert check_uscc(code).valid


def test_remainder_zero_gives_zero():
    assert check_digit("91140522MA0K00023") == "0"


@pytest.mark.parametrize("code", ["91310115MA1H8R7C6D", "91350211M0000XUF46"])
def test_a_code_that_fails_its_check_digit_is_told_so_and_kept(code):
    checked = check_uscc(code)

    assert not checked.valid
    assert checked.code == code
    assert "校验位" in checked.reason
    assert "check digit" in checked.reason_en


@pytest.mark.parametrize("written", [" 91110000 1016 23741k ", "９１１１００００１０１６２３７４１Ｋ"])
def test_blanks_small_letters_and_full_width_are_no_fault(written):
    assert check_uscc(written).code == "91110000101623741K"
    assert check_uscc(written).valid


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91110000101623741", "18 位"),
        ("91110000101623741O", "字符"),
        ("", "18 位"),
        ("91११००००101623741K", "字符"),
    ],
)
def test_what_is_no_code_is_told_why(code, reason):
    assert reason in check_uscc(code).reason


def test_a_letter_as_class_is_allowed():
    code = "N2140522MF0123456"

    assert check_uscc(code + check_digit(code)).valid
