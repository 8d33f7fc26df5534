"""What things of an invented province are called, by their numbers: the same at every size."""

import hashlib
from zlib import crc32

CITIES, COUNTIES = 5, 9
_TOWNS = "凤城北留润城东冶河北芹池町店寺头演礼固隆横河次营驾岭蟒河"
_TRADES = ("煤业", "矿业", "建材", "石料", "测绘", "置业", "陶瓷")


def code_of(city: int, county: int) -> str:
    """The code of a county; of its city for county 0."""
    return f"14{city + 1:02d}{20 + county if county else 0:02d}"


def name_of_site(number: int) -> str:
    """A company: its town (15 there are), a number that is in no other name, its trade (7)."""
    town = number % 15 * 2
    return f"{_TOWNS[town : town + 2]}第{number:06d}号{_TRADES[number % 7]}有限公司"


def uscc_of(number: int) -> str:
    """A credit code: 18 characters, of which the first eight are shared by a fifteenth."""
    return f"9114{number % 15:02d}00{number:09d}X"


def hex_of(kind: str, number: int) -> str:
    """Name a thing by its number, as scattered as ids made by chance."""
    return hashlib.md5(f"{kind} {number}".encode()).hexdigest()


def part_of(what: str, number: int, parts: int) -> int:
    """Say in which of several equal parts a thing is, for every `what` independently, and the same at every size."""
    return crc32(f"{what} {number}".encode()) % parts


def region_of(number: int) -> str:
    """The county in which a thing lies."""
    place = part_of("region", number, CITIES * COUNTIES)
    return code_of(place // COUNTIES, place % COUNTIES + 1)
