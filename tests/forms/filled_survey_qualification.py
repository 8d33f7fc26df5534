"""A complete, truthful record of the surveying qualification check, all sixteen items; one work card is missing."""

from datetime import date
from decimal import Decimal

_CONFORMING = (
    "QUALIFICATION",
    "QUALIFICATION_INSTRUMENTS",
    "PROJECT_REGISTRATION",
    "RESULT_DELIVERY_CHECK",
    "ARCHIVES",
    "SECRECY",
    "QUALITY",
    "CREDIT",
    "SAFETY",
    "REGISTERED_SURVEYORS",
    "MARKET",
)
_NOT_APPLICABLE = ("AERIAL_PHOTOGRAPHY", "LOCAL_COORDINATES", "FOREIGN_SURVEYING", "BASE_STATIONS")

ANSWERS = {
    "/data/certificate": {"certificate_same": "yes"},
    "/data/conditions": {
        "legal_status": "enterprise",
        "office_kind": "leased",
        "office_photo": "office.jpg",
        "staff_due": 12,
        "staff_count": 15,
        "senior_due": 2,
        "senior_count": 3,
        "middle_due": 5,
        "middle_count": 4,
        "registered_due": 1,
        "registered_count": 2,
        "equipment_due": 8,
        "equipment_count": 11,
        "secrecy_room": "yes",
        "archive_room": "yes",
    },
    "/data/staff/people": [
        {
            "person_no": 1,
            "person_name": "张某",
            "title": "senior",
            "speciality": "测绘工程",
            "registration_no": "221400123",
            "contract": "yes",
            "insured": "yes",
            "card_held": "yes",
            "card_no": "1400-00218",
            "card_valid_to": date(2027, 12, 31),
        },
        {
            "person_no": 2,
            "person_name": "赵某",
            "title": "junior",
            "speciality": "工程测量",
            "contract": "yes",
            "insured": "yes",
            "card_held": "no",
        },
        {
            "person_no": 3,
            "person_name": "孙某",
            "title": "middle",
            "speciality": "地理信息",
            "contract": "yes",
            "insured": "yes",
            "card_held": "na",
        },
    ],
    "/data/equipment/instruments": [
        {
            "kind": "gnss",
            "model": "G970",
            "serial_no": "G970-20418",
            "in_use": "yes",
            "cert_number": "JZ-2026-204",
            "cert_body": "山西省计量科学研究院",
            "checked_on": date(2026, 4, 12),
            "valid_until": date(2027, 4, 11),
            "photo": "gnss.jpg",
        }
    ],
    "/data/contracts/projects": [
        {
            "project_no": "HT-2025-041",
            "project_name": "凤城镇地形图修测",
            "client": "凤城镇人民政府",
            "amount": Decimal("18.60"),
            "in_scope": "yes",
            "registered": "yes",
            "register_no": "晋测登2025-0332",
            "registered_on": date(2025, 5, 8),
            "accepted_on": date(2025, 12, 28),
            "delivered": "yes",
            "receipt_no": "汇交2026-014",
            "delivered_on": date(2026, 2, 10),
        },
        {
            "project_no": "HT-2026-007",
            "project_name": "厂区竣工测量",
            "client": "阳城县某机械有限公司",
            "in_scope": "yes",
            "registered": "na",
            "delivered": "na",
        },
    ],
    "/data/archives": {
        "archive_rules": "yes",
        "archive_store": "cabinet",
        "archive_ledger": "yes",
        "archive_protections": ["fire", "theft", "damp"],
        "loan_register": "yes",
    },
    "/data/secrecy": {"secrecy_rules": "yes", "secret_computers": "yes", "secrecy_trained": "yes"},
    "/data/quality": {"quality_organisation": "yes", "two_checks": "yes"},
    "/data/aerial": {"aerial_done": "no"},
    "/data/coordinates": {"local_used": "no"},
    "/data/foreign": {"foreign_done": "no"},
    "/data/credit": {"annual_report": "yes", "report_true": "yes", "bad_record": "no"},
    "/data/safety": {
        "safety_rules": "yes",
        "safety_trained": "yes",
        "vehicles_checked": "yes",
        "accident": "no",
    },
    "/data/stations": {"stations_run": "no"},
    "/data/registered_surveyors": {"registered_here": "yes", "registered_sign": "yes"},
    "/data/market": {
        "beyond_grade": "no",
        "subcontracted": "no",
        "name_lent": "no",
        "price_below_cost": "no",
    },
    "/data/conclusions": {code: {"answer": "conform"} for code in _CONFORMING}
    | {code: {"answer": "not_applicable"} for code in _NOT_APPLICABLE}
    | {
        "STAFF_CERTIFICATES": {
            "answer": "not_conform",
            "problem": "抽查3人，序号2人员从事外业测绘，未持有测绘作业证。",
            "basis": "《中华人民共和国测绘法》关于测绘作业证件的规定",
            "evidence_ref": "人员名册第2页、外业派工单2026-031",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 10, 15),
        }
    },
}
