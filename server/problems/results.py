"""Refusals of results, what follows them, objections and deadlines."""

from server.problems.table import ASK, FIX, problem

ResultNotFound = problem(404, "result.not-found", ("没有这条检查结果", "No such result."), ASK)
ResultUnsound = problem(
    422,
    "result.unsound",
    ("检查结果不符合填报规则", "The result breaks a rule of result entry."),
    ("请按所列逐项更正。", "Correct what errors list."),
)
ResultChanged = problem(
    409,
    "result.changed",
    ("检查结果已被他人修改", "Somebody else changed the result."),
    ("请刷新后重试。", "Refresh and try again."),
)
ResultNotConfirmed = problem(
    409,
    "result.not-confirmed",
    ("检查结果尚未确认或已发布", "The result is not confirmed, or released already."),
    ("请刷新后核对状态。", "Refresh and look at its state."),
)
ResultNotOwn = problem(
    403,
    "result.not-own",
    (
        "只能确认自己（联合检查中为本部门）检查的结果",
        "Only an inspector of the task confirms its results, of a joint visit one of the department that answers for them.",
    ),
    ASK,
)
ResultOwnRelease = problem(
    403,
    "result.own-release",
    ("不得发布自己检查的结果", "Nobody releases a result of their own visit."),
    ("请由其他审核人员发布。", "Ask another supervisor."),
)
FollowupNotFound = problem(404, "followup.not-found", ("没有这项后续处置", "No such follow-up."), ASK)
FollowupOver = problem(
    409,
    "followup.over",
    ("该后续处置已完结或已取消", "This follow-up is over."),
    ("请刷新后查看。", "Look again."),
)
FollowupIncomplete = problem(
    422,
    "followup.incomplete",
    ("后续处置尚不能完结", "The follow-up can't be over yet."),
    ("请按所列逐项补充。", "Add what errors list."),
)
FollowupEvidence = problem(
    422,
    "followup.evidence-unknown",
    ("所附证据不存在或不属于该检查对象", "Some evidence is not there, or is about another object."),
    (
        "请先上传文件，或引用该对象已定稿的记录。",
        "Upload files first, or name final records about this object.",
    ),
)
FollowupNotVisited = problem(
    409,
    "followup.not-visited",
    ("该后续处置不能再安排回访", "No further visit can be opened for this."),
    ASK,
)
ObjectionNotFound = problem(404, "objection.not-found", ("没有这项异议", "No such objection."), ASK)
ObjectionOpen = problem(
    409,
    "objection.open",
    ("该结果已有异议待处理", "An objection to this result is open already."),
    ("请先作出决定。", "Decide it first."),
)
ObjectionTooEarly = problem(
    409,
    "objection.too-early",
    (
        "该结果尚未发布，或提出日期早于检查之日、在今天之后",
        "The result was never released, or the day is before the inspection or yet to come.",
    ),
    FIX,
)
ObjectionSettled = problem(
    409,
    "objection.settled",
    ("该异议已处理", "This objection was decided already."),
    ("请刷新后查看。", "Look again."),
)
ObjectionOwn = problem(
    403,
    "objection.own",
    ("不得处理对自己检查结果的异议", "Nobody decides about a result of their own."),
    ("请由其他人员处理。", "Ask somebody else."),
)
CalendarUnsound = problem(
    422, "calendar.unsound", ("放假通知内容有误", "The notice can't be meant as it is."), FIX
)
DeadlineRulesWrong = problem(
    422, "deadline.rules-wrong", ("期限规则有误", "The deadline rules can't be meant as they are."), FIX
)
