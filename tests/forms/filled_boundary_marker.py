"""A complete check of boundary markers: one that stands, one taped from its reference objects, one that is gone."""

from datetime import date
from decimal import Decimal

from forms import Geopoint

ANSWERS = {
    "/data/survey": {"survey_reported": "no"},
    "/data/markers": [
        {
            "marker_no": "J1",
            "engraved_no": "J1",
            "reached": "arrived",
            "exists": "present",
            "intact": ["intact"],
            "marker_type": "double",
            "material": "stone",
            "board": "no",
            "meas": Geopoint(35.48689, 112.4151, 714.0, 4.1),
            "meas_method": "phone",
            "displaced": "undetermined",
            "photo_near": "j1-near.jpg",
            "photo_far": "j1-far.jpg",
            "action": "none",
        },
        {
            "marker_no": "J2",
            "reached": "arrived",
            "exists": "present",
            "intact": ["tilted", "moved_traces"],
            "meas": Geopoint(35.48687, 112.41621, 715.0, 5.0),
            "meas_method": "tape",
            "taped_m": Decimal("1.4"),
            "displaced": "suspected",
            "has_refs": "yes",
            "ref_objects": [
                {"what": "水塔东北角", "direction": 120, "away_m": Decimal("18.35")},
                {"what": "公路里程碑K12", "direction": 245, "away_m": Decimal("41.20")},
            ],
            "photo_near": "j2-near.jpg",
            "photo_far": "j2-far.jpg",
            "cause": "邻近施工开挖，桩身倾斜",
            "action": "restore",
            "restore_deadline": date(2026, 10, 15),
        },
        {
            "marker_no": "J3",
            "reached": "arrived",
            "exists": "missing",
            "photo_far": "j3-far.jpg",
            "cause": "边坡塌落掩埋",
            "action": "restore",
            "restore_deadline": date(2026, 10, 15),
        },
    ],
    "/data/conclusions": {
        "BOUNDARY_MARKER": {
            "answer": "not_conform",
            "problem": "J3 界桩缺失，J2 界桩倾斜并有新近移动痕迹",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 10, 15),
        },
    },
}
