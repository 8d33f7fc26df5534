"""A complete, truthful answer to result_delivery: of two projects drawn one came three weeks late."""

from datetime import date
from decimal import Decimal

ANSWERS = {
    "/data/unit": {
        "output_year": 2025,
        "output_value": Decimal("1260.50"),
        "registered_count": 6,
        "sample_planned": 2,
    },
    "/data/projects": [
        {
            "registration_no": "CH-2025-0187",
            "project_name": "虚构县1:500地形图修测",
            "accepted_on": date(2025, 11, 30),
            "sampled": "yes",
            "project_kind": "basic",
            "funding": "state",
            "delivered": "yes",
            "receipt_no": "冀测汇〔2026〕0031",
            "delivered_on": date(2026, 2, 26),
            "receipt_photo": "receipt-1.jpg",
            "content_order": "met",
            "format_order": "met",
            "catalogue_order": "met",
        },
        {
            "registration_no": "CH-2025-0203",
            "project_name": "虚构产业园竣工测量",
            "accepted_on": date(2026, 1, 15),
            "sampled": "yes",
            "project_kind": "other",
            "funding": "own",
            "delivered": "yes",
            "receipt_no": "冀测汇〔2026〕0094",
            "delivered_on": date(2026, 5, 6),
            "receipt_photo": "receipt-2.jpg",
            "content_order": "met",
            "format_order": "na",
            "catalogue_order": "unmet",
            "catalogue_order_problem": "目录未填写坐标系和保管单位。",
        },
        {
            "registration_no": "CH-2025-0219",
            "project_name": "虚构河段断面测量",
            "accepted_on": date(2026, 3, 2),
            "sampled": "no",
        },
    ],
    "/data/conclusions": {
        "RESULT_DELIVERY": {
            "answer": "not_conform",
            "problem": "CH-2025-0203 应于2026年4月15日前汇交目录，5月6日汇交，逾期21天；目录填写不全。",
            "basis": "《测绘成果管理条例》第九条",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 9, 30),
        }
    },
}
