"""Refusals of plans, their amendments and work schemes."""

from server.problems.table import ASK, FIX, problem

PlanNotFound = problem(404, "plan.not-found", ("没有这个计划", "No such plan."), ASK)
PlanPublished = problem(
    409,
    "plan.published",
    ("计划已公布，不能再改动", "The plan is published and stands."),
    ("请提出计划调整。", "Propose an amendment."),
)
PlanStage = problem(
    409,
    "plan.stage",
    ("计划现处的阶段不允许这样做", "The plan is at a stage that does not allow this."),
    ("请按申报、汇总、审批、公布的顺序办理。", "Go by propose, aggregate, approve, publish."),
)
PlansDiffer = problem(
    409,
    "plan.differ",
    (
        "只能汇总同一单位、同一年度、同一类型的计划",
        "Only plans of one bureau, year and kind are aggregated.",
    ),
    FIX,
)
PlanOwnWork = problem(
    403,
    "plan.own-work",
    ("不得审批自己汇总的计划或自己提出的调整", "Nobody approves what they aggregated or proposed."),
    ("请由他人审批。", "Let somebody else approve it."),
)
PlanIncomplete = problem(
    422,
    "plan.incomplete",
    ("计划尚不完整", "The plan is not complete."),
    FIX,
)
PlanDrawn = problem(
    409,
    "plan.drawn",
    ("该任务已经抽取，对象范围不能再改", "The inspection is drawn: its frame stands."),
    ASK,
)
AmendmentNotFound = problem(404, "amendment.not-found", ("没有这项计划调整", "No such amendment."), ASK)
AmendmentStage = problem(
    409,
    "amendment.stage",
    (
        "该项调整现处的阶段不允许这样做",
        "The amendment is at a stage that does not allow this.",
    ),
    ("请按提出、审批、公布的顺序办理。", "Go by propose, approve, publish."),
)
AmendmentUnusable = problem(422, "amendment.unusable", ("调整内容不可用", "The changes can't be used."), FIX)
AmendmentLocked = problem(
    409,
    "amendment.locked",
    (
        "该任务已经抽取，所列内容不能再调整",
        "The inspection is drawn already: what is listed can't be changed any more.",
    ),
    (
        "已抽取的任务只能延长时间、调整配合单位和名称；其他变化请另立任务。",
        "Of what is drawn, only the windows' end, the cooperators and the name may change; else add a row.",
    ),
)
SchemeNotFound = problem(404, "scheme.not-found", ("没有这个工作方案", "No such work scheme."), ASK)
SchemePublished = problem(
    409,
    "scheme.published",
    ("工作方案已公布，不能再改动", "The work scheme is published and stands."),
    ("请编写新的版本。", "Write a new version."),
)
IntakeNotFound = problem(404, "intake.not-found", ("没有这份导入稿", "No such intake."), ASK)
IntakeEntered = problem(
    409,
    "intake.entered",
    ("该导入稿已成为计划", "The intake has become a plan already."),
    ("请在计划中继续办理。", "Go on with the plan."),
)
