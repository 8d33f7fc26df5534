"""Fingerprints of photos: the same photo is known again, strangers are not taken for it."""

import io
from collections import Counter
from itertools import combinations

import pytest
from PIL import Image

from media import Likeness, sniffing
from media.images import examine_image
from media.likeness import fingerprint
from tests.media.scenes import SIZE, cut, jpeg, nearly_nothing, on_its_way, scene

STRANGERS = 2000


def found(mine, other):
    """What a store would find: one band that differs by at most a bit, then the whole."""
    near = any((a ^ b).bit_count() <= 1 for a, b in zip(mine.bands(), other.bands(), strict=True))
    return near and mine.resembles(other)


def test_a_photo_is_known_again_after_what_happens_to_photos():
    known, most = Counter(), 40
    for seed in range(most):
        photo = scene(seed)
        mine = fingerprint(photo)
        known.update(name for name, changed in on_its_way(photo) if found(mine, fingerprint(changed)))

    same = ("quality 60", "half the size", "brighter", "a stamp below", "a band above")
    assert {name: known[name] for name in same} == dict.fromkeys(same, most)
    assert known["cut by 3 %"] >= most * 0.95
    assert known["all of it"] >= most * 0.95


def test_no_two_of_two_thousand_strangers_are_taken_for_one_photo():
    drawn = [fingerprint(scene(seed, (128, 96))) for seed in range(10_000, 10_000 + STRANGERS + 20)]
    strangers = [each for each in drawn if each is not None]

    assert len(strangers) >= STRANGERS
    alike = sum(1 for mine, other in combinations(strangers, 2) if mine.resembles(other))
    assert alike == 0


@pytest.mark.parametrize("kind", ["sky", "night", "paper", "wall"])
def test_a_picture_with_nothing_in_it_has_no_fingerprint(kind):
    assert [fingerprint(nearly_nothing(kind, seed)) for seed in range(20)] == [None] * 20


def test_a_photo_cut_by_a_quarter_is_another_one():
    photo = scene(3)
    assert not fingerprint(photo).resembles(fingerprint(cut(photo, 0.25)))


def test_a_fingerprint_is_of_the_upright_photo():
    photo = scene(5)
    turned = photo.rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6

    facts = examine_image(io.BytesIO(jpeg(turned, exif=exif)), sniffing.JPEG).facts

    assert (facts.width, facts.height) == SIZE
    assert Likeness.read(facts.likeness).resembles(fingerprint(photo))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F"])
@pytest.mark.parametrize("size", [(1, 1), (2, 300), (320, 240)])
def test_every_colour_mode_and_size_can_be_looked_at(mode, size):
    picture = scene(7).resize(size)
    made = picture.convert("L").convert("I").convert(mode) if mode in {"I;16", "F"} else picture.convert(mode)
    assert fingerprint(made) is None or size[0] > 1


def test_a_fingerprint_is_written_and_read():
    mine = fingerprint(scene(1))
    assert Likeness.read(str(mine)) == mine
    assert Likeness(0, 0).difference(Likeness(2**64 - 1, 2**256 - 1)) == 1
    assert Likeness.read(str(Likeness(1 << 63 | 5, 7))).bands() == (5, 0, 0, 0x8000)
    with pytest.raises(ValueError, match="hexadecimal"):
        Likeness.read("12")
