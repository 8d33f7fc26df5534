"""What the scripted inspector captures: photos and signatures drawn by program, answers to both forms."""

import hashlib
import io
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from forms import Geopoint


@dataclass(frozen=True)
class Capture:
    """One captured file."""

    name: str
    data: bytes
    mime: str

    @property
    def sha256(self) -> str:
        """Name the content."""
        return hashlib.sha256(self.data).hexdigest()


def draw_photo(name: str, words: str, seed: int, edge: int = 1600) -> Capture:
    """Draw a photo: sky, slope, rocks, a stone, and the words a camera would find there; ≈ 0.5 MB.

    Each seed looks another way, as views do: the server asks about photos that look like those of other visits.
    """
    chance = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    noise = Image.effect_noise((edge, edge * 3 // 4), 60).convert("RGB")
    tint = Image.new("RGB", noise.size, _colour(chance))
    picture = Image.blend(noise, tint, 0.55)
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    horizon = chance.uniform(0.25, 0.75)
    slope = [(x, height * (horizon + chance.uniform(-0.15, 0.15))) for x in range(0, width + 200, 200)]
    draw.polygon([*slope, (width, height), (0, height)], fill=_colour(chance))
    for _ in range(12):
        x, y = chance.randrange(width), chance.randrange(height)
        across, down = chance.randrange(width // 20, width // 4), chance.randrange(height // 20, height // 3)
        draw.ellipse((x - across // 2, y - down // 2, x + across // 2, y + down // 2), fill=_colour(chance))
    left, top = chance.randrange(width // 8, width * 3 // 4), height * chance.uniform(0.2, 0.6)
    draw.rectangle((left, top, left + width // 12, top + height * 0.3), fill=(200, 200, 195))
    draw.text((40, 40), f"{words} #{seed}", fill=(255, 255, 255), font_size=48)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return Capture(name, file.getvalue(), "image/jpeg")


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(40, 220), chance.randrange(40, 220), chance.randrange(40, 220)


def draw_signature(name: str, seed: int) -> Capture:
    """Draw a signature as a finger on glass would."""
    chance = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    picture = Image.new("RGB", (600, 240), "white")
    draw = ImageDraw.Draw(picture)
    points = [(40 + step * 26, 120 + chance.randrange(-80, 80)) for step in range(20)]
    draw.line(points, fill="black", width=6, joint="curve")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return Capture(name, file.getvalue(), "image/png")


@dataclass(frozen=True)
class Filled:
    """A filled form: answers by path and the files they name."""

    answers: dict[str, Any]
    captures: tuple[Capture, ...]
    position: Geopoint


def fill(
    task: Mapping[str, Any], body: Mapping[str, Any], form_id: str, started: datetime, seed: int
) -> Filled:
    """Fill a form at its object, as an inspector who found one marker missing would.

    `task` and `body` are the pulled bodies of the task and its object. What the task knows beforehand, and
    what the form computes, is left to the form.
    """
    position = _place(body)
    album = Album(seed)
    signatures = [draw_signature(f"sign-{who}.png", seed + place) for place, who in enumerate(_SIGNERS)]
    chance = random.Random(seed)  # noqa: S311 - what people write differs from visit to visit, nothing secret
    answers = _common(body, started, position, chance) | {
        "/data/task/task_ref": task["prefill"]["tasks"]["name"]
    }
    extra = (
        _mine(task, position, album, started)
        if form_id == "mine_overstep"
        else _survey(album, started, chance)
    )
    return Filled(answers | extra, (*signatures, *album.captures), position)


_SIGNERS = ("inspector1", "inspector2", "company")


class Album:
    """The photos of one record, drawn as they are asked for."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.captures: list[Capture] = []

    def photo(self, name: str, words: str) -> str:
        """Draw a photo and return its file name."""
        self.captures.append(draw_photo(name, words, self._seed * 100 + len(self.captures)))
        return name


def _place(body: Mapping[str, Any]) -> Geopoint:
    latitude, longitude = body.get("latitude"), body.get("longitude")
    if latitude is None or longitude is None:
        latitude, longitude = 35.4866, 112.4147  # the county seat of Yangcheng
    return Geopoint(float(latitude), float(longitude), 712.0, 4.5)


_PEOPLE = ("王建国", "李红梅", "张志强", "赵丽萍", "卫东升")
_WEATHER = ("晴", "多云", "阴", "小雨")


def _common(
    body: Mapping[str, Any], started: datetime, position: Geopoint, chance: random.Random
) -> dict[str, Any]:
    person, weather = chance.choice(_PEOPLE), chance.choice(_WEATHER)
    return {
        "/data/visit": {
            "mode": ["on_site"],
            "start_at": started,
            "entry_code": f"RQJC-1405-{chance.randrange(10_000):04}",
            "place": f"{body['name']}现场",
            "place_position": position,
            "weather": weather,
            "site_person": person,
            "site_person_role": "负责人",
            "legal_rep_check": "same",
        },
        "/data/inspectors": {"inspector1_shown": "yes", "inspector2_shown": "yes", "recorder": "inspector2"},
        "/data/told": {
            "rights": ["purpose", "basis", "rights", "recusal"],
            "recusal_asked": "no",
            "recording": "yes",
            "discipline": "yes",
        },
        "/data/statement": {
            "situation": f"检查人员出示证件后，由{person}陪同，{weather}天实地查看{body['name']}，情况如各项所记。",
            "party_opinion": "无异议",
            "end_at": started + timedelta(minutes=95),
        },
        "/data/sign": {
            "inspector1": "sign-inspector1.png",
            "inspector2": "sign-inspector2.png",
            "refused": "no",
            "company": "sign-company.png",
        },
    }


def _mine(task: Mapping[str, Any], place: Geopoint, album: Album, started: datetime) -> dict[str, Any]:
    registered = task["prefill"]["markers"]
    last = registered[-1]["marker_no"]
    is_underground = "地下" in task["prefill"]["tasks"]["mining_method"]
    underground = {"underground_unreached": "井下以采掘工程平面图核对，未实测"} if is_underground else {}
    return {
        "/data/mine": {
            "status": "producing",
            "licence_shown": "yes",
            "licence_photo": album.photo("licence.jpg", "licence"),
            "sign_board": "current",
            "sign_board_photo": album.photo("board.jpg", "sign board"),
            "maps_seen": ["plan", "section"],
            "map_date": date(started.year - 1, 12, 31),
            "site_panorama": album.photo("panorama.jpg", "panorama"),
            "has_faces": "yes",
        },
        "/data/work_faces": [{"face_no": "F1", "face_kind": "stope", "active": "yes"}],
        "/data/points": [
            {
                "point_no": "C1",
                "description": "工业广场东侧",
                "position": place,
                "method": "phone",
                "photo": album.photo("point-1.jpg", "point C1"),
            }
        ],
        "/data/overstep": {"survey_reported": "no", "over_plane": "no", "over_layer": "undetermined"}
        | underground,
        "/data/markers": [_marker(row, album, missing=row["marker_no"] == last) for row in registered],
        "/data/conclusions": {
            "MINE_OVERSTEP": {"answer": "conform"},
            "BOUNDARY_MARKER": {
                "answer": "not_conform",
                "problem": f"{last} 号界桩缺失",
                "disposal": "ORDER_RECTIFY",
                "rectify_deadline": (started + timedelta(days=30)).date(),
            },
        },
    }


def _marker(row: Mapping[str, str], album: Album, *, missing: bool) -> dict[str, Any]:
    """Find a registered marker: the last one is gone, a phone measures the others as well as it can."""
    number = row["marker_no"]
    if missing:
        return {
            "marker_no": number,
            "reached": "arrived",
            "exists": "missing",
            "photo_far": album.photo(f"{number}-far.jpg", f"{number} missing"),
            "cause": "被采场边坡塌落掩埋，现场未见",
            "action": "none",
        }
    latitude, longitude = (float(text) for text in row["point"].split()[:2])
    return {
        "marker_no": number,
        "reached": "arrived",
        "exists": "present",
        "intact": ["intact"],
        "meas": Geopoint(round(latitude + 0.00002, 7), round(longitude - 0.00001, 7), 712.0, 4.2),
        "meas_method": "phone",
        "displaced": "undetermined",
        "photo_near": album.photo(f"{number}-near.jpg", f"{number} near"),
        "photo_far": album.photo(f"{number}-far.jpg", f"{number} far"),
        "action": "none",
    }


_SYSTEMS = (
    "design",
    "process",
    "two_level_check",
    "results",
    "rewards",
    "equipment",
    "training",
    "service",
    "duties",
    "coverage",
)
_CONFORMITY = ("law_fit", "scope_fit", "standards_fit", "check_fit")
_EFFECT = (
    "goals_done",
    "functions_done",
    "design_done",
    "process_done",
    "checks_done",
    "acceptance_done",
    "signing_done",
    "archive_done",
)


def _survey(album: Album, started: datetime, chance: random.Random) -> dict[str, Any]:
    number = chance.randrange(1, 90)
    return {
        "/data/certificate": {"certificate_same": "yes"},
        "/data/q_org": {
            "established": "yes",
            "document_no": f"测质〔2025〕{number}号",
            "document_photo": album.photo("document.jpg", "document"),
            "head": "李质检",
            "staff": 8 + number % 9,
            "quality_trained": "yes",
        },
        "/data/q_system": dict.fromkeys(_SYSTEMS, "complete")
        | {"system_photo": album.photo("system.jpg", "systems"), "iso": "no"},
        "/data/q_conformity": dict.fromkeys(_CONFORMITY, "conform"),
        "/data/q_effect": dict.fromkeys(_EFFECT, "conform"),
        "/data/instruments": [
            {
                "kind": "total_station",
                "model": "TS-02",
                "serial_no": f"{chance.randrange(1_000_000, 2_000_000)}",
                "in_use": "yes",
                "cert_number": f"JD-2026-{chance.randrange(1000):03}",
                "cert_body": "山西省计量科学研究院",
                "checked_on": (started - timedelta(days=120)).date(),
                "valid_until": (started + timedelta(days=240)).date(),
                "photo": album.photo("instrument.jpg", "instrument"),
            }
        ],
        "/data/assessment": {"scoring": "standard"},
        "/data/conclusions": {
            code: {"answer": "conform"} for code in ("QUALITY_ORG", "QUALITY_SYSTEM", "INSTRUMENTS")
        },
    }
