"""Refusals of the request itself, and of the machine that is to answer it."""

from server.problems.table import FIX, RETRY, problem

RequestUnreadable = problem(400, "request.unreadable", ("请求无法读取", "The request can't be read."), FIX)
RequestInvalid = problem(422, "request.invalid", ("请求内容不合规", "The request breaks a rule."), FIX)
RequestTooLarge = problem(
    413,
    "request.too-large",
    ("请求过大", "The request is too large."),
    ("请分批提交。", "Send less at a time."),
)
UrlNotFound = problem(
    404, "url.not-found", ("没有这个地址", "No such address."), ("请核对地址。", "Check the address.")
)
MethodNotAllowed = problem(
    405,
    "url.method-not-allowed",
    ("该地址不支持此操作", "This address does not take this method."),
    ("请核对接口说明。", "See the API description."),
)
MediaTypeWrong = problem(
    415,
    "request.media-type",
    ("内容类型不支持", "This content type is not taken."),
    ("请核对接口说明。", "See the API description."),
)
ConstraintBroken = problem(
    409,
    "request.conflict",
    ("与已有数据冲突", "This conflicts with what is already there."),
    ("请刷新后重试。", "Refresh and try again."),
)
EnteredMeanwhile = problem(
    409,
    "request.entered-meanwhile",
    ("相同内容已经录入", "The same is entered already."),
    ("可能他人刚刚录入。请刷新后查看。", "Somebody else may just have done it. Look again."),
)
Busy = problem(503, "server.busy", ("服务器繁忙", "The server is busy."), RETRY)
JobNotFound = problem(
    404,
    "job.not-found",
    ("没有这个已放弃的任务", "No such job that was given up."),
    ("请刷新后查看：可能已由他人再次执行。", "Look again: somebody else may have run it."),
)
