"""A complete, truthful record of the check on secret survey results: codes and counts, no photo; one person untrained."""

from datetime import date

_CONFORMING = (
    "SECRET_KEEPING",
    "SECRET_SYSTEM",
    "SECRET_LEDGER",
    "SECRET_DAMAGE",
    "SECRET_TRANSFER",
    "SECRET_PROVISION",
    "SECRET_FOUNDATION",
    "SECRET_LIFECYCLE",
    "SECRET_COPY",
    "SECRET_PROCESSING",
    "SECRET_COMPUTER",
    "SECRET_LEAK_RISK",
)

ANSWERS = {
    "/data/restricted": {
        "rules_agreed": "yes",
        "phone_place": "left_outside",
        "secrecy_office_present": "yes",
    },
    "/data/receipts": [
        {
            "approval_code": "2021-JG-0187",
            "result_code": "SM-0412",
            "received_on": date(2021, 6, 3),
            "secret_level": "secret",
            "quantity": 12,
            "copied": 2,
            "returned": 4,
            "destroyed": 0,
            "found": 10,
            "purpose": "planning",
            "used_as_approved": "yes",
        },
        {
            "approval_code": "2020-JG-0055",
            "result_code": "SM-0377",
            "received_on": date(2020, 4, 21),
            "secret_level": "high",
            "quantity": 3,
            "copied": 0,
            "returned": 0,
            "destroyed": 0,
            "found": 3,
            "purpose": "surveying",
            "used_as_approved": "yes",
        },
    ],
    "/data/storage": {
        "store_kind": "room",
        "three_iron": ["door", "window", "cabinet"],
        "access_control": "yes",
        "cctv": "yes",
        "alarm": "yes",
        "store_protections": ["fire", "theft", "damp", "pests", "light"],
        "photo_allowed": "no",
    },
    "/data/records": {
        "rules_kept": "yes",
        "keeper": "yes",
        "ledger_kept": "yes",
        "lost": "no",
        "transferred": "no",
        "given_out": "no",
        "copy_approved": "yes",
        "lending_registered": "yes",
        "destruction_approved": "na",
        "derived_classified": "yes",
    },
    "/data/computers": {
        "computers_total": 2,
        "computers_isolated": 2,
        "computers_managed": 2,
        "media_managed": "yes",
        "audited": "yes",
        "leak_found": "no",
    },
    "/data/people": {
        "staff_total": 5,
        "staff_trained": 4,
        "staff_certified": 5,
        "staff_pledged": 5,
        "staff_left": 1,
        "staff_left_handled": 1,
    },
    "/data/conclusions": {code: {"answer": "conform"} for code in _CONFORMING}
    | {
        "SECRET_DESTROY": {"answer": "not_applicable"},
        "SECRET_STAFF": {
            "answer": "mostly_conform",
            "problem": "5名涉密人员中有1名近一年未参加保密培训。",
            "evidence_ref": "2026年度保密培训签到表（单位编号PX-2026-01）",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 11, 30),
        },
    },
}
