"""Stamped copies: what the band says, that it is legible, and that nothing is printed wrong."""

import io
from itertools import pairwise

import pytest
from PIL import Image, ImageStat

from media import Stamp, Unprintable
from media.lettering import load_font, missing_characters
from media.stamping import TITLE, stamped_copy

STAMP = Stamp(
    task="2026-0042 沁水县矿山越界专项检查",
    subject="沁水县龙湾煤矿有限公司（东区）",
    captured="2026-02-06 16:30:12 UTC+08:00（手机时钟 phone）",
    received="2026-02-06 17:02:44 UTC+08:00（服务器 server）",
    position="35.490012°N 112.410034°E ±8 m（WGS 84/CGCS2000）",
    inspectors="张三（主检 lead）、李四（协检 assisting）",
    sha256="0f0f1a2b3c4d…",
)


def stamped(size, stamp=STAMP, colour="green"):
    return Image.open(io.BytesIO(stamped_copy(Image.new("RGB", size, colour), stamp)))


def changed(**fields):
    return Stamp(**{**vars(STAMP), **fields})


@pytest.mark.parametrize("size", [(4032, 3024), (3024, 4032), (640, 480), (1080, 1920), (64, 48)])
def test_the_picture_stands_whole_above_a_band_that_covers_none_of_it(size):
    width, height = size
    copy = stamped(size)

    assert copy.size[0] == max(width, 640)
    left = (copy.width - width) // 2
    picture = copy.crop((left + 4, 4, left + width - 4, height - 4))
    assert ImageStat.Stat(picture).stddev == pytest.approx([0, 0, 0], abs=2)
    band = copy.crop((0, height, *copy.size)).convert("L")
    assert 0.1 * height < band.height or height < 100
    assert band.getextrema()[0] < 60
    assert ImageStat.Stat(band).median == [255]


def ink(band):
    """The part of a band that holds letters, as (left, above, right, below)."""
    return band.convert("L").point(lambda level: 255 if level < 128 else 0).getbbox()


@pytest.mark.parametrize("size", [(4032, 3024), (3024, 4032), (640, 480)])
def test_letters_stay_inside_the_band_and_are_large_enough_to_read(size):
    copy = stamped(size, changed(subject="很长的对象名称" * 20))
    band = copy.crop((0, size[1] + max(4, size[0] // 200), *copy.size))

    left, _, right, below = ink(band)

    assert left >= 8
    assert right <= copy.width - 8
    assert below <= band.height - 4
    lines = sum(here and not above for above, here in pairwise(rows(band)))
    assert lines >= 9  # the title, seven rows, and a long one on more lines
    assert band.height / (lines + 1) >= 17


def rows(band):
    """Whether there is ink, line of pixels by line of pixels."""
    dark = band.convert("L").point(lambda level: 1 if level < 128 else 0)
    return [dark.crop((0, at, dark.width, at + 1)).getextrema()[1] > 0 for at in range(dark.height)]


def test_a_row_without_text_is_left_out():
    assert stamped((800, 600), changed(position="")).height < stamped((800, 600)).height


def test_the_band_says_that_it_is_no_original():
    assert TITLE.startswith("水印副本，非原件")
    assert "not the original" in TITLE


@pytest.mark.parametrize("name", ["𠮷田", "䶮", "㛃", "王喆", "李犇", "彧", "堃", "張學良", "é ö №", "±°′″"])
def test_rare_characters_are_printed_as_themselves(name):
    assert missing_characters(name) == []
    font = load_font()
    boxes = {bytes(font.getmask(each)) for each in "\U000f0000\U000f0001"}  # what it lacks
    assert not boxes & {bytes(font.getmask(each)) for each in name if each.strip()}
    assert stamped((640, 480), changed(inspectors=name)).size[0] == 640


@pytest.mark.parametrize("character", ["\U0001f600", "\U000323b0", "\ue000", "\U000e0100", "\U000f0000", "ꙮ"])
def test_a_character_that_the_font_lacks_is_named_and_nothing_is_printed(character):
    with pytest.raises(Unprintable, match=f"U\\+{ord(character):04X}") as refusal:
        stamped_copy(Image.new("RGB", (640, 480)), changed(inspectors=f"张{character}三"))
    assert refusal.value.characters == [character]


def test_what_the_font_is_said_to_lack_prints_as_the_empty_box():
    font = load_font()
    box = bytes(font.getmask("\U000f0000"))
    for code in range(0x3400, 0x4DC0, 7):
        lacks = bool(missing_characters(chr(code)))
        assert lacks == (bytes(font.getmask(chr(code))) == box), hex(code)


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\x00", "\n", "\u2066", "\ufeff"])
def test_characters_that_cannot_be_seen_change_nothing(hidden):
    plain, odd = changed(subject="张三 李四"), changed(subject=f"张三{hidden} {hidden}李四")

    assert odd.rows() == plain.rows()


def test_a_text_without_an_end_is_cut_and_says_so():
    ((_, text), *_) = changed(task="长" * 5000).rows()

    assert len(text) == 200
    assert text.endswith("…")


def test_a_stamped_copy_carries_no_metadata():
    assert not stamped((640, 480)).getexif()
