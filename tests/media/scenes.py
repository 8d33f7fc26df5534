"""Made-up photos: scenes with things in them, pictures with nothing in them, and what happens to a photo on its way."""

import io
import random
from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

SIZE = (320, 240)


def scene(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """A horizon, some things before it, and a sensor's noise; another one for each seed."""
    chance = random.Random(seed)
    width, height = size
    picture = Image.new("RGB", size, _colour(chance))
    draw = ImageDraw.Draw(picture)
    horizon, step = height * chance.uniform(0.2, 0.8), width // 16
    line = [(x, horizon + chance.uniform(-height / 6, height / 6)) for x in range(0, width + step, step)]
    draw.polygon([*line, (width, height), (0, height)], fill=_colour(chance))
    for _ in range(chance.randrange(6, 26)):
        _draw_thing(draw, chance, width, height)
    return _noisy(picture.filter(ImageFilter.GaussianBlur(1.2)), chance, 0.12)


def _draw_thing(draw: ImageDraw.ImageDraw, chance: random.Random, width: int, height: int) -> None:
    x, y = chance.uniform(0, width), chance.uniform(0, height)
    across, down = chance.uniform(width / 60, width / 4), chance.uniform(height / 60, height / 3)
    kind = chance.random()
    if kind < 0.4:
        draw.rectangle((x, y, x + across, y + down), fill=_colour(chance))
    elif kind < 0.7:
        draw.ellipse((x - across / 2, y - down / 2, x + across / 2, y + down / 2), fill=_colour(chance))
    else:
        end = (x + chance.uniform(-width / 2, width / 2), y + chance.uniform(-height / 2, height / 2))
        draw.line(((x, y), end), fill=_colour(chance), width=chance.randrange(2, max(3, width // 32)))


def nearly_nothing(kind: str, seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture in which there is nothing to know it by: `sky`, `night`, `paper` or a `wall` in a lamp's light."""
    chance = random.Random(seed)
    if kind == "night":
        return _noisy(Image.new("RGB", size, (3, 3, 5)), chance, 0.08)
    if kind == "paper":
        return _noisy(Image.new("RGB", size, (245, 243, 238)), chance, 0.03)
    slope = (Image.linear_gradient if kind == "sky" else Image.radial_gradient)("L").resize(size)
    bright, dark = ((230, 240, 250), (110, 150, 220)) if kind == "sky" else ((180,) * 3, (240,) * 3)
    shade = chance.randrange(-20, 20)
    layers = [Image.new("RGB", size, tuple(part + shade for part in colour)) for colour in (bright, dark)]
    return _noisy(Image.composite(*layers, slope), chance, 0.03)


def jpeg(picture: Image.Image, quality: int = 85, **options: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=quality, **options)
    return content.getvalue()


def through(picture: Image.Image, quality: int = 85) -> Image.Image:
    """The picture after somebody saved it as JPEG."""
    return Image.open(io.BytesIO(jpeg(picture, quality))).convert("RGB")


def on_its_way(picture: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    """What chat apps, galleries and stamps do to a photo."""
    width, height = picture.size
    yield "quality 60", through(picture, 60)
    yield "half the size", through(picture.resize((width // 2, height // 2)))
    yield "brighter", through(ImageEnhance.Brightness(picture).enhance(1.1))
    yield "a stamp below", through(stamped(picture))
    yield "a band above", through(_band(picture, 0, 0.08, "white"))
    yield "cut by 3 %", through(cut(picture))
    yield (
        "all of it",
        through(
            stamped(ImageEnhance.Brightness(cut(picture).resize((width // 2, height // 2))).enhance(1.1)), 60
        ),
    )


def stamped(picture: Image.Image) -> Image.Image:
    """The picture with a dark band over its lower tenth and words in it."""
    height = picture.size[1]
    banded = _band(picture, 0.9, 1, "black")
    words = "2026-11-20 09:30 35.48N 112.41E"
    ImageDraw.Draw(banded).text((8, height * 0.915), words, fill="white", font_size=height / 20)
    return banded


def cut(picture: Image.Image, share: float = 0.03) -> Image.Image:
    """The picture without its edges: this share of its width and of its height is lost."""
    width, height = picture.size
    across, down = round(width * share / 2), round(height * share / 2)
    return picture.crop((across, down, width - across, height - down))


def _band(picture: Image.Image, top: float, bottom: float, colour: str) -> Image.Image:
    width, height = picture.size
    banded = picture.copy()
    ImageDraw.Draw(banded).rectangle((0, height * top, width, height * bottom), fill=colour)
    return banded


def _noisy(picture: Image.Image, chance: random.Random, strength: float) -> Image.Image:
    width, height = picture.size
    noise = Image.frombytes("L", picture.size, chance.randbytes(width * height)).convert("RGB")
    return Image.blend(picture, noise, strength)


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(20, 235), chance.randrange(20, 235), chance.randrange(20, 235)
