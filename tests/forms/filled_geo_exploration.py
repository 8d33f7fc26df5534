"""A complete, truthful record of the exploration and hazard qualification check: too few spot checks in one project."""

from datetime import date
from decimal import Decimal

from forms import Geopoint

_CONFORMING = (
    "GEO_UNIT",
    "GEO_DESIGN",
    "GEO_IN_AREA",
    "GEO_RAW",
    "GEO_SAMPLES",
    "GEO_ARCHIVE",
    "GEO_SEAL",
    "GEO_SAFETY",
    "HAZARD_QUALIFICATION",
)

ANSWERS = {
    "/data/unit": {
        "unit_kinds": ["hazard", "contractor"],
        "info_public": "yes",
        "info_public_on": date(2026, 3, 30),
        "legal_same": "yes",
        "staff_same": "yes",
        "equipment_same": "yes",
        "works_same": "yes",
    },
    "/data/hazard": {
        "hazard_kinds": ["survey_design"],
        "hazard_same": "yes",
        "tech_due": 20,
        "tech_count": 26,
        "tech_senior_due": 5,
        "tech_senior_count": 7,
        "gear_due": 12,
        "gear_count": 15,
        "hazard_people": [
            {
                "hazard_person_no": 1,
                "hazard_person": "钱某",
                "hazard_title": "senior",
                "hazard_speciality": "工程地质",
                "hazard_contract": "yes",
            }
        ],
        "gear": [
            {"gear_serial": "GD-2019-07", "gear_name": "全站仪 TS-02", "gear_found": "yes"},
        ],
        "hazard_beyond": "no",
    },
    "/data/work": {
        "share_setting": "standard",
        "projects": [
            {
                "project_no": "KC-2025-03",
                "project_name": "阳城县北部铝土矿详查",
                "client": "阳城县某矿业有限公司",
                "project_kind": "mineral",
                "permit_no": "T1400002024033010000000",
                "funding": "social",
                "stage": "detailed",
                "design_approved": "yes",
                "raw_true": "yes",
                "share_self": 100,
                "share_mutual": 100,
                "share_spot": 12,
                "samples_match": "yes",
                "delivered": "na",
                "works": [
                    {
                        "work_kind": "drilling",
                        "work_unit": "m",
                        "planned": Decimal(1800),
                        "done": Decimal("1624.5"),
                    },
                    {
                        "work_kind": "trenching",
                        "work_unit": "m3",
                        "planned": Decimal(300),
                        "done": Decimal(300),
                    },
                ],
            }
        ],
    },
    "/data/field": {"field_visited": "yes"},
    "/data/sites": [
        {
            "site_no": "ZK0302",
            "site_project": "KC-2025-03",
            "site_kind": "drill",
            "site_position": Geopoint(35.5412, 112.3987, 905.0, 4.8),
            "site_photo": "zk0302.jpg",
            "in_area": "inside",
            "site_sealed": "na",
            "site_safe": "yes",
        },
        {
            "site_no": "TC01",
            "site_project": "KC-2025-03",
            "site_kind": "trench",
            "site_position": Geopoint(35.5430, 112.3969, 921.0, 5.2),
            "site_photo": "tc01.jpg",
            "in_area": "inside",
            "site_sealed": "yes",
            "site_safe": "yes",
        },
    ],
    "/data/duties": {
        "safety_rules": "yes",
        "safety_trained": "yes",
        "safety_plan": "yes",
        "fees_paid": "na",
    },
    "/data/conclusions": {code: {"answer": "conform"} for code in _CONFORMING}
    | {
        "GEO_QC": {
            "answer": "mostly_conform",
            "problem": "项目KC-2025-03抽检比例12%，低于20%的要求。",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 10, 31),
        },
        "GEO_FEES": {"answer": "not_applicable"},
        "GEO_ACTIVITY": {
            "answer": "mostly_conform",
            "problem": "抽检比例不足。",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 10, 31),
        },
        "result": "rectify",
    },
}
