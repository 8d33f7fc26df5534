"""A complete, truthful record of the surveying quality check: a grade B firm, a passed batch, one system half lived."""

from datetime import date
from decimal import Decimal

_SYSTEM = dict.fromkeys(
    (
        "design",
        "process",
        "two_level_check",
        "results",
        "equipment",
        "training",
        "service",
        "duties",
        "coverage",
    ),
    "complete",
)

ANSWERS = {
    "/data/certificate": {"certificate_same": "yes"},
    "/data/q_org": {
        "established": "yes",
        "document_no": "测质〔2025〕3号",
        "document_photo": "document.jpg",
        "head": "李某",
        "head_title": "高级工程师",
        "staff": 6,
        "quality_trained": "yes",
    },
    "/data/q_system": _SYSTEM
    | {
        "rewards": "partial",
        "system_photo": "system.jpg",
        "iso": "yes",
        "iso_valid_to": date(2027, 5, 31),
    },
    "/data/q_conformity": dict.fromkeys(("law_fit", "scope_fit", "standards_fit", "check_fit"), "conform"),
    "/data/q_effect": dict.fromkeys(
        (
            "goals_done",
            "functions_done",
            "design_done",
            "process_done",
            "checks_done",
            "acceptance_done",
            "archive_done",
        ),
        "conform",
    )
    | {"signing_done": "mostly"},
    "/data/instruments": [
        {
            "kind": "total_station",
            "model": "TS-02",
            "serial_no": "1332507",
            "in_use": "yes",
            "cert_number": "JD-2026-118",
            "cert_body": "山西省计量科学研究院",
            "checked_on": date(2026, 3, 1),
            "valid_until": date(2027, 2, 28),
            "photo": "ts.jpg",
        },
        {
            "kind": "gnss",
            "model": "G970",
            "serial_no": "G970-20418",
            "in_use": "yes",
            "cert_number": "JZ-2026-204",
            "checked_on": date(2026, 4, 12),
            "valid_until": date(2027, 4, 11),
            "photo": "gnss.jpg",
        },
    ],
    "/data/product": {
        "inspection_body": "山西省测绘产品质量监督检验站（虚构）",
        "report_no": "ZJ-2026-0093",
        "batch_size": 18,
        "sample_due": 3,
        "deduction": "standard",
        "projects": [
            {
                "project_no": "HT-2025-041",
                "project_name": "凤城镇地形图修测",
                "product_type": "topographic",
                "scale": "1:500",
                "finished_on": date(2025, 12, 20),
                "design_ok": "yes",
                "check_report_ok": "yes",
                "summary_ok": "yes",
                "accepted_ok": "yes",
                "own_grade": "good",
            }
        ],
        "samples": [
            {
                "sample_no": "03",
                "sample_project": "HT-2025-041",
                "check_kind": "detailed",
                "defects": [
                    {"defect_class": "C", "description": "一处围墙漏测，图上长度1.2厘米"},
                    {"defect_class": "D", "description": "两处注记压盖地物"},
                ],
            },
            {
                "sample_no": "09",
                "sample_project": "HT-2025-041",
                "check_kind": "detailed",
                "defects": [
                    {
                        "defect_class": "B",
                        "description": "高程注记点中误差超限：0.18米，限差0.15米",
                        "defect_photo": "defect-09.jpg",
                    }
                ],
            },
            {
                "sample_no": "15",
                "sample_project": "HT-2025-041",
                "check_kind": "general",
                "lab_score": Decimal("91.5"),
            },
        ],
        "batch": "batch_pass",
        "samples_taken": "yes",
        "samples_returned": "yes",
        "handover_no": "JJ-2026-07",
    },
    "/data/assessment": {"scoring": "standard"},
    "/data/conclusions": {
        "QUALITY_ORG": {"answer": "conform"},
        "QUALITY_SYSTEM": {
            "answer": "mostly_conform",
            "problem": "质量奖惩制度已建立，近一年无执行记录；两份检查报告签字不全。",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 10, 31),
        },
        "INSTRUMENTS": {"answer": "conform"},
        "QUALITY_RESULT": {"answer": "conform"},
    },
}
