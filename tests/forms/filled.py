"""Complete, truthful answers to the forms that ship, as an inspector's phone would hold them."""

import importlib
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from forms import Geopoint, ListTable

STARTED = datetime(2026, 9, 14, 1, 5, tzinfo=UTC)
ENDED = datetime(2026, 9, 14, 3, 40, tzinfo=UTC)
NOW = ENDED.astimezone(timezone(timedelta(hours=8)))
"""When the records are completed, on the phone's own clock."""

TASK = "8a4c1c1e-5c6c-4b52-8f2f-2f1c6f0f7f11"
PREFILL = {
    "name": TASK,
    "task_no": "YC-2023-07-001",
    "task_name": "2023年第三季度生产矿山抽查",
    "task_source": "年度抽查计划",
    "items": "",
    "approval_no": "阳自然资检批〔2026〕7号",
    "notice_no": "阳自然资检通〔2026〕7号",
    "org": "阳城县自然资源局",
    "year_count": "1",
    "obj_kind": "enterprise",
    "obj_name": "阳城县虚构石灰岩矿",
    "uscc": "91140522MA0K2H7T9D",
    "registration_no": "GS京（2025）0101号",
    "obj_addr": "阳城县虚构镇",
    "legal_rep": "张三",
    "inspector1_name": "王建国",
    "inspector1_certificate": "14052200101",
    "inspector1_valid_to": "2028-12-31",
    "inspector2_name": "李秀英",
    "inspector2_certificate": "14052200102",
    "inspector2_valid_to": "2027-06-30",
    "mine_name": "虚构石灰岩矿",
    "licence_no": "C1405222010017120054321",
    "licence_holder": "阳城县虚构矿业有限公司",
    "licence_issuer": "晋城市规划和自然资源局",
    "licence_valid_from": "2020-01-10",
    "licence_valid_to": "2030-01-09",
    "mineral": "石灰岩",
    "mining_method": "露天开采",
    "scale": "50 万吨/年",
    "area_km2": "0.1234",
    "elevation_lower": "700",
    "elevation_upper": "860",
    "boundary": "35.484 112.411 0 0;35.484 112.419 0 0;35.490 112.419 0 0;35.490 112.411 0 0;35.484 112.411 0 0",
    "markers_required": "2",
    "cert_no": "乙测资字1423001",
    "cert_grade": "乙级",
    "cert_scope": "工程测量、不动产测绘",
    "cert_valid_to": "2028-05-31",
}
MARKERS = [
    {
        "name": f"{TASK}/{number}",
        "task": TASK,
        "marker_no": number,
        "corner": corner,
        "kind": "corner",
        "x": x,
        "y": y,
        "elevation": "",
        "point": point,
    }
    for number, corner, x, y, point in (
        ("J1", "1", "3929531.120", "37628416.220", "35.4868865 112.4150997 0 0"),
        ("J2", "2", "3929531.120", "37628516.220", "35.4868741 112.4162014 0 0"),
    )
]
LISTS = {"tasks": ListTable([PREFILL]), "markers": ListTable(MARKERS)}

COMMON = {
    "/data/task/task_ref": TASK,
    "/data/visit": {
        "mode": ["on_site"],
        "legal_rep_check": "same",
        "start_at": STARTED,
        "place": "采场东侧",
        "place_position": Geopoint(35.4866, 112.4147, 712.0, 4.5),
        "site_person": "王某",
        "site_person_role": "矿长",
    },
    "/data/inspectors": {"inspector1_shown": "yes", "inspector2_shown": "yes", "recorder": "inspector1"},
    "/data/told": {
        "rights": ["purpose", "basis", "rights", "recusal"],
        "recusal_asked": "no",
        "recording": "yes",
        "discipline": "yes",
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
        "has_faces": "yes",
    },
    "/data/work_faces": [{"face_no": "F1", "face_name": "东采场", "face_kind": "stope", "active": "yes"}],
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


def answers_to(form_id: str) -> dict[str, Any]:
    """Return complete answers to a form that ships."""
    if form_id == "mine_overstep":
        return MINE
    return COMMON | importlib.import_module(f"tests.forms.filled_{form_id}").ANSWERS
