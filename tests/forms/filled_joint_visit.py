"""A complete joint visit to a mine: natural resources, energy and emergency management, each with its own result."""

from tests.forms.filled import MINE

_INSPECTORS = [
    {"name": "赵一", "certificate": "14052200301", "shown": "yes"},
    {"name": "钱二", "certificate": "14052200302", "shown": "yes"},
]
_SAME = {"same": "yes"}

ANSWERS = {
    path: MINE[path]
    for path in ("/data/mine", "/data/work_faces", "/data/points", "/data/overstep", "/data/markers")
} | {
    "/data/energy": {
        "energy_present": "yes",
        "energy_inspectors": _INSPECTORS,
        "energy_lead": "赵一",
        "energy_checks": {
            name: dict(_SAME)
            for name in ("announced_name", "announced_capacity", "announced_valid_to", "announced_state")
        },
    },
    "/data/emergency": {
        "emergency_present": "yes",
        "emergency_inspectors": [
            each | {"certificate": f"9{each['certificate']}", "name": f"{each['name']}应"}
            for each in _INSPECTORS
        ],
        "emergency_lead": "赵一应",
        "emergency_checks": dict.fromkeys(
            (
                "safety_licence",
                "safety_managers",
                "safety_organisation",
                "hazard_ledger",
                "monitoring_system",
                "people_underground",
                "emergency_plan",
                "safety_expenses",
            ),
            "yes",
        ),
    },
    "/data/conclusions": MINE["/data/conclusions"]
    | {"ENERGY_ANNOUNCEMENT": {"answer": "conform"}, "EMERGENCY_SAFETY": {"answer": "conform"}},
    "/data/department_sign": {
        "energy_lead_sign": "sign-energy.png",
        "emergency_lead_sign": "sign-emergency.png",
    },
}
