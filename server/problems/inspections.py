"""Refusals of tasks and records."""

from server.problems.table import ASK, FIX, problem

TaskNotFound = problem(404, "task.not-found", ("没有这个任务", "No such task."), ASK)
TaskClosed = problem(
    409,
    "task.closed",
    ("任务已完成或已撤回", "The task is done or withdrawn."),
    ("请刷新后核对任务状态。", "Refresh and look at its state."),
)
TaskDayWrong = problem(
    422,
    "task.day-wrong",
    (
        "新的截止日期须晚于原截止日期，且不早于今天",
        "The new last day has to be later than the old one, and not over.",
    ),
    ("请改选日期。", "Choose another day."),
)
TaskPeopleWrong = problem(
    422,
    "task.people-wrong",
    ("检查人员不符合要求", "These people can't take the task."),
    ("须有两名以上不同的在职检查人员。", "It takes two or more different active inspectors."),
)
TaskJoint = problem(
    409,
    "task.joint",
    ("这是多部门联合检查任务", "This is a joint visit of several departments."),
    ("请按部门调整检查人员。", "Change its people department by department."),
)
TaskDepartmentsWrong = problem(
    422,
    "task.departments-wrong",
    ("部门分工不符合要求", "The task can't be divided so."),
    (
        "须有两个以上部门，每个部门有自己的两名以上持证检查人员和事项，每个事项只归一个部门。",
        "It takes two or more departments, each with its items and two or more certified inspectors of its own.",
    ),
)
GateRuleUnknown = problem(
    422,
    "gate.rule-unknown",
    ("没有这条核对规则", "There is no such rule."),
    ("请从任务的合法性核对中选择。", "Choose one of the task's checks."),
)
GateRuleFirm = problem(
    409,
    "gate.rule-firm",
    ("该规则不得变通", "Nobody may set this rule aside."),
    ("请改正后再检查，例如更换检查人员。", "Put it right first, as by sending other inspectors."),
)
GateNotBlocked = problem(
    409,
    "gate.not-blocked",
    ("该规则现在没有禁止这次检查", "The rule does not forbid this visit now."),
    ("请刷新后核对。", "Refresh and look again."),
)
RecordNotFound = problem(404, "record.not-found", ("没有这条记录", "No such record."), ASK)
RecordNotUnderReview = problem(
    409,
    "record.not-under-review",
    ("记录不在待审核状态", "The record is not under review."),
    ("请刷新后核对记录状态。", "Refresh and look at its state."),
)
RecordChanged = problem(
    409,
    "record.changed",
    ("打开后又收到了新版本", "A newer version has come since it was opened."),
    ("请刷新，查看新版本后再作决定。", "Refresh, look at the newer version, then decide."),
)
RecordNotFinishable = problem(
    409,
    "record.not-finishable",
    ("记录尚不能审核通过", "The record can't be finished yet."),
    ("请先处理列出的各项。", "Settle first what is listed."),
)
RecordMarkUnknown = problem(
    422,
    "record.mark-unknown",
    ("标记的字段不在表单中", "A marked field is not in the form."),
    FIX,
)
RecordOwnReview = problem(
    403,
    "record.own-review",
    ("不得审核自己检查的记录", "Nobody reviews a record of their own visit."),
    ("请由其他审核人员处理。", "Ask another reviewer."),
)
RecordNotConflicted = problem(
    409,
    "record.not-conflicted",
    ("记录没有待合并的版本", "The record has no versions to bring together."),
    ("请刷新后核对记录状态。", "Refresh and look at its state."),
)
RecordVersionsDiffer = problem(
    409,
    "record.versions-differ",
    ("各版本使用的表单版本不同，不能合并", "The versions are of different forms; there is no merge."),
    (
        "请对照各版本，由主检人员填写一份新的记录版本。",
        "Compare them; the lead fills in a new version by hand.",
    ),
)
RecordMergeUnusable = problem(
    422,
    "record.merge-unusable",
    ("合并选择不完整或与冲突项不符", "The choices are incomplete or not about what clashes."),
    (
        "请为列出的每一项选择一个版本或填写内容。",
        "Choose a version for each path listed, or write an answer.",
    ),
)
RevisionNotFound = problem(
    404, "revision.not-found", ("记录没有这个版本", "The record has no such revision."), ASK
)
