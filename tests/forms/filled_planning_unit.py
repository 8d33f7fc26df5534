"""A complete, truthful answer to planning_unit: the conditions of grade B are met."""

from datetime import date
from decimal import Decimal


def _planner(name: str, number: str) -> dict[str, str]:
    return {
        "planner_name": name,
        "planner_no": number,
        "unit_matches": "yes",
        "planner_insured": "yes",
        "on_duty": "yes",
    }


def _speciality(name: str, senior: tuple[int, int], intermediate: tuple[int, int]) -> dict[str, str | int]:
    """Required and actual numbers of each kind of staff."""
    return {
        "speciality": name,
        "senior_required": senior[0],
        "senior_actual": senior[1],
        "intermediate_required": intermediate[0],
        "intermediate_actual": intermediate[1],
    }


ANSWERS = {
    "/data/certificate": {
        "certificate_shown": "yes",
        "certificate_no_seen": "自资规乙字24130099",
        "planning_grade": "grade_b",
        "certificate_valid_to": date(2029, 5, 30),
        "certificate_lent": "not_found",
    },
    "/data/changes": {"legal_rep_changed": "yes", "legal_rep_filed": "yes", "chief_changed": "no"},
    "/data/planner_rule": {"planners_required": 4},
    "/data/planners": [
        _planner("周某", "R0130018"),
        _planner("吴某", "R0130044"),
        _planner("郑某", "R0130107"),
        _planner("冯某", "R0130152"),
    ],
    "/data/staff_rule": {"staff_required": 25, "staff_actual": 27},
    "/data/specialities": [
        _speciality("planning", (2, 3), (5, 6)),
        _speciality("architecture", (1, 1), (2, 2)),
        _speciality("transport", (0, 1), (2, 1)),
    ],
    "/data/office": {
        "office_same": "yes",
        "office_m2": Decimal(620),
        "office_m2_required": Decimal(400),
        "tenure": "leased",
        "lease_until": date(2028, 12, 31),
        "office_photo": "office.jpg",
    },
    "/data/equipment": [
        {"equipment_name": "图形工作站", "equipment_kind": "hardware", "equipment_count": 30},
        {
            "equipment_name": "地理信息平台软件",
            "equipment_kind": "software",
            "equipment_count": 12,
            "licensed": "yes",
        },
    ],
    "/data/management": {"technical_system": "met", "quality_system": "met", "archive_system": "met"},
    "/data/project_rule": {"any_projects": "yes"},
    "/data/projects": [
        {"project_name": "虚构县城北片区详细规划", "project_level": "detailed", "beyond_scope": "no"},
        {"project_name": "虚构镇国土空间规划", "project_level": "town", "beyond_scope": "no"},
    ],
    "/data/verdict": {"planning_verdict": "meets"},
    "/data/conclusions": {"PLANNING_CONDITIONS": {"answer": "conform"}},
}
