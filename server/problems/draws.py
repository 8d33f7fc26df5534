"""Refusals of draws and their ceremonies, replacements and recusals."""

from server.problems.table import ASK, FIX, problem

DrawNotFound = problem(404, "draw.not-found", ("没有这次抽取", "No such draw."), ASK)
DrawUnusable = problem(422, "draw.unusable", ("抽取结果不合规", "The draw breaks a rule."), FIX)
CeremonyNotFound = problem(404, "ceremony.not-found", ("没有这次抽取活动", "No such ceremony."), ASK)
CeremonyOutOfOrder = problem(
    409,
    "ceremony.out-of-order",
    ("抽取步骤的次序不对", "This step does not follow from where the ceremony is."),
    (
        "次序为：公布承诺、冻结底册、揭示并抽取、发布。",
        "The order is: commit, freeze, reveal, publish.",
    ),
)
CeremonyUnderWay = problem(
    409,
    "ceremony.under-way",
    ("该计划任务已有进行中的抽取", "Another draw of this planned inspection is under way."),
    ("请先完成它，或说明理由后放弃。", "Finish it, or abandon it with a reason."),
)
CeremonyRandomness = problem(
    422,
    "ceremony.randomness",
    ("公共随机数与公告不符", "Public randomness must be given exactly when it was announced."),
    FIX,
)
CeremonyOverCap = problem(
    409,
    "ceremony.over-cap",
    (
        "冻结底册后，底册中有对象已达年度检查频次上限",
        "Since the frame was frozen, objects in it have reached the cap of inspections a year.",
    ),
    (
        "请说明理由放弃本次抽取，重新公布承诺并冻结底册。",
        "Abandon this draw with a reason, then commit and freeze anew.",
    ),
)
CeremonySecretLost = problem(
    409,
    "ceremony.secret-lost",
    ("抽取密值已无法打开", "The secret can't be opened any more."),
    ("请说明理由放弃本次抽取，重新公布承诺。", "Abandon this draw with a reason, and commit anew."),
)
ReplacementNobody = problem(
    409,
    "replacement.nobody",
    ("没有可更换的人员", "There is nobody who could go instead."),
    ("请先补充检查人员，再说明理由重新匹配。", "Lend inspectors, then match anew with a reason."),
)
ReplacementUnknown = problem(
    404, "replacement.unknown", ("该人员不在此次检查中", "This person is not on that visit."), ASK
)
ReplacementVisited = problem(
    409,
    "replacement.visited",
    ("检查已完成，人员不再更换", "The visit is done: who went there stays."),
    ("如检查无效，请说明理由重新抽取。", "Where it does not count, draw anew with a reason."),
)
RecusalNotFound = problem(404, "recusal.not-found", ("没有这条回避", "No such recusal."), ASK)
