"""What each role and permission is called, for whoever gives them; who may do what stands in `server.access` alone."""

from typing import Final

from server.access import GRANTS, ONLY_OWN, Permission, Role
from server.db import Json

#: Chinese and English name of a role, and what it is for.
ROLES: Final[dict[Role, tuple[str, str, str, str]]] = {
    Role.INSPECTOR: (
        "检查人员",
        "Inspector",
        "在手机上执行分配给本人的检查任务",
        "does the visits assigned to them",
    ),
    Role.LEAD: (
        "主检",
        "Lead inspector",
        "带队检查，合并版本，签署记录",
        "leads visits, brings versions together",
    ),
    Role.SUPERVISOR: (
        "审核人员",
        "Supervisor",
        "审核检查记录、发布结果、改派任务",
        "reviews records and releases results",
    ),
    Role.PLANNER: (
        "业务科室",
        "Planner",
        "编制计划、实施抽取、维护名录",
        "proposes plans, runs draws, keeps libraries",
    ),
    Role.POLICY: (
        "政策法规科",
        "Policy section",
        "汇总并公布年度计划",
        "aggregates plans and publishes them",
    ),
    Role.PUBLISHER: ("公示人员", "Publisher", "办理公示与数据开放", "publishes results and lists"),
    Role.OPERATOR: ("平台对接人员", "Platform operator", "推送省级平台并对账", "delivers to the platform"),
    Role.ADMIN: (
        "系统管理员",
        "Administrator",
        "管理人员、机构、设备与表单",
        "looks after people, devices and forms",
    ),
    Role.AUDITOR: ("审计人员", "Auditor", "查看全部内容，不作任何更改", "reads everything, changes nothing"),
}

#: What the noun of a permission is called.
NOUNS: Final[dict[str, tuple[str, str]]] = {
    "audit": ("审计日志", "Audit trail"),
    "board": ("督办看板", "Board"),
    "calendar": ("工作日历", "Calendar"),
    "complaint": ("投诉与建议", "Complaints and suggestions"),
    "delivery": ("平台推送", "Deliveries"),
    "device": ("设备", "Devices"),
    "document": ("文书", "Documents"),
    "draw": ("抽取", "Draws"),
    "followup": ("后续处置", "Follow-ups"),
    "form": ("表单", "Forms"),
    "gate": ("合法性核对", "Legality gate"),
    "job": ("后台任务", "Jobs"),
    "key": ("签名密钥", "Signing keys"),
    "list": ("清单与名录", "Lists"),
    "media": ("影像资料", "Media"),
    "objection": ("异议", "Objections"),
    "object": ("检查对象", "Inspected objects"),
    "person": ("人员与机构", "People"),
    "plan": ("计划", "Plans"),
    "publicity": ("公示", "Publicity"),
    "quarantine": ("隔离区", "Quarantine"),
    "record": ("检查记录", "Records"),
    "report": ("统计报表", "Reports"),
    "result": ("检查结果", "Results"),
    "rules": ("本单位规则", "Rules of a bureau"),
    "status": ("运行状态", "Installation"),
    "sync": ("手机同步", "Phones"),
    "task": ("任务", "Tasks"),
    "template": ("文书模板", "Templates"),
}

#: What the verb of a permission is called.
VERBS: Final[dict[str, tuple[str, str]]] = {
    "aggregate": ("汇总", "aggregate"),
    "answer": ("答复", "answer"),
    "approve": ("审批", "approve"),
    "assign": ("分派", "assign"),
    "block": ("停用", "block"),
    "confirm": ("确认", "confirm"),
    "decide": ("决定", "decide"),
    "enrol": ("登记", "enrol"),
    "enter": ("录入", "enter"),
    "file": ("受理", "file"),
    "import": ("导入", "import"),
    "issue": ("出具", "issue"),
    "make": ("生成", "make"),
    "manage": ("管理", "manage"),
    "override": ("准许例外", "override"),
    "publish": ("公布", "publish"),
    "read": ("查看", "read"),
    "release": ("发布", "release"),
    "review": ("审核", "review"),
    "revoke": ("吊销", "revoke"),
    "run": ("实施", "run"),
    "upload": ("上传", "upload"),
    "use": ("使用", "use"),
    "write": ("编辑", "write"),
}


def table() -> Json:
    """Write the one table of `server.access` for people: roles with their names, permissions with who holds them."""
    return {
        "roles": [
            {
                "role": role.value,
                "name": ROLES[role][0],
                "name_en": ROLES[role][1],
                "about": ROLES[role][2],
                "about_en": ROLES[role][3],
                "only_own": role in ONLY_OWN,
            }
            for role in Role
        ],
        "permissions": [_permission(each) for each in Permission],
    }


def _permission(permission: Permission) -> Json:
    noun, _, verb = permission.value.partition(".")
    of_noun, of_verb = NOUNS.get(noun, (noun, noun)), VERBS.get(verb, (verb, verb))
    return {
        "permission": permission.value,
        "noun": of_noun[0],
        "noun_en": of_noun[1],
        "verb": of_verb[0],
        "verb_en": of_verb[1],
        "roles": [role.value for role in Role if permission in GRANTS[role]],
    }
