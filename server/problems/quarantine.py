"""Refusals of what could not become part of a record."""

from server.problems.table import ASK, problem

QuarantineNotFound = problem(
    404, "quarantine.not-found", ("没有这项隔离件", "Nothing of that name is in quarantine."), ASK
)
QuarantineSettled = problem(
    409,
    "quarantine.settled",
    ("该隔离件已处理", "This was decided already."),
    (
        "请刷新后核对状态；已搁置的可重新打开。",
        "Refresh and look at its state; what was dismissed can be reopened.",
    ),
)
QuarantineNotAdmissible = problem(
    409,
    "quarantine.not-admissible",
    ("该隔离件不能接收为记录", "This can not become part of a record."),
    (
        "原因见 reason；原始数据仍保存，可下载或搁置。",
        "`reason` says why; the bytes are kept, and can be downloaded or dismissed.",
    ),
)
QuarantineTaskMissing = problem(
    422,
    "quarantine.task-missing",
    ("数据所指任务不存在", "The task that the bytes name does not exist."),
    ("请指定它所属的任务。", "Name the task it belongs to."),
)
QuarantineTaskDiffers = problem(
    422,
    "quarantine.task-differs",
    ("指定的任务与数据不符", "It does not belong to the task that was named."),
    (
        "数据所指任务或记录已存在，只能归入该任务；请勿另行指定。",
        "The task or the record that the bytes name exists: it belongs there. Name none.",
    ),
)
QuarantineOwnWork = problem(
    403,
    "quarantine.own-work",
    ("不得处理自己的隔离件", "Nobody decides about their own work, or that of their own visit."),
    ("请由其他审核人员处理。", "Ask another reviewer."),
)
