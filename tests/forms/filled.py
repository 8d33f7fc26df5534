"""Complete, truthful answers to the forms that ship, as an inspector's phone would hold them."""

from datetime import UTC, date, datetime
from decimal import Decimal

from forms import Geopoint

STARTED = datetime(2026, 9, 14, 1, 5, tzinfo=UTC)
ENDED = datetime(2026, 9, 14, 3, 40, tzinfo=UTC)

COMMON = {
    "/data/task/task_ref": "8a4c1c1e-5c6c-4b52-8f2f-2f1c6f0f7f11",
    "/data/task/task_no": "YC-2023-07-001",
    "/data/task/obj_name": "阳城县虚构石灰岩矿",
    "/data/visit": {
        "start_at": STARTED,
        "place": "采场东侧",
        "place_position": Geopoint(35.4866, 112.4147, 712.0, 4.5),
        "site_person": "王某",
        "site_person_role": "矿长",
    },
    "/data/inspectors": {"inspector1_shown": "yes", "inspector2_shown": "yes"},
    "/data/told": {
        "rights": ["purpose", "basis", "rights", "recusal"],
        "recusal_asked": "no",
        "recording": "yes",
    },
    "/data/statement": {"situation": "现场正常。", "party_opinion": "无异议", "end_at": ENDED},
    "/data/sign": {
        "inspector1": "sign-1.png",
        "inspector2": "sign-2.png",
        "refused": "no",
        "company": "sign-3.png",
    },
}

MINE = COMMON | {
    "/data/mine": {
        "status": "producing",
        "licence_shown": "yes",
        "licence_photo": "licence.jpg",
        "sign_board": "current",
        "sign_board_photo": "board.jpg",
        "maps_seen": ["plan", "section"],
        "map_date": date(2026, 6, 30),
        "site_panorama": "panorama.jpg",
    },
    "/data/points": [
        {
            "point_no": "C1",
            "description": "东侧坡顶线",
            "position": Geopoint(35.4871, 112.4149, 715.5, 3.8),
            "method": "phone",
            "elevation_m": Decimal("815.20"),
            "elevation_source": "survey",
            "photo": "point-1.jpg",
        }
    ],
    "/data/overstep": {"survey_reported": "no", "over_plane": "no", "over_layer": "undetermined"},
    "/data/markers": [
        {
            "marker_no": "J1",
            "reached": "arrived",
            "exists": "present",
            "intact": ["broken", "tilted"],
            "meas": Geopoint(35.4869, 112.4151, 714.0, 4.1),
            "meas_method": "phone",
            "displaced": "undetermined",
            "photo_near": "j1-near.jpg",
            "photo_far": "j1-far.jpg",
            "action": "restore",
            "restore_deadline": date(2026, 10, 15),
        },
        {
            "marker_no": "J2",
            "reached": "arrived",
            "exists": "missing",
            "photo_far": "j2-far.jpg",
            "action": "none",
        },
    ],
    "/data/conclusions": {
        "MINE_OVERSTEP": {"answer": "conform"},
        "BOUNDARY_MARKER": {
            "answer": "not_conform",
            "problem": "J2 界桩缺失",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 10, 15),
        },
    },
}

SURVEY = COMMON | {
    "/data/q_org": {
        "established": "yes",
        "document_no": "测质〔2025〕3号",
        "document_photo": "document.jpg",
        "head": "李某",
        "staff": 6,
    },
    "/data/q_system": dict.fromkeys(
        ("design", "process", "two_level_check", "results", "rewards", "equipment", "training", "service"),
        "complete",
    )
    | {"system_photo": "system.jpg", "iso": "no"},
    "/data/instruments": [
        {
            "kind": "total_station",
            "model": "TS-02",
            "serial_no": "1332507",
            "in_use": "yes",
            "cert_number": "JD-2026-118",
            "checked_on": date(2026, 3, 1),
            "valid_until": date(2027, 2, 28),
            "photo": "ts.jpg",
        }
    ],
    "/data/conclusions": {
        code: {"answer": "conform"} for code in ("QUALITY_ORG", "QUALITY_SYSTEM", "INSTRUMENTS")
    },
}

ANSWERS = {"mine_overstep": MINE, "survey_quality": SURVEY}
