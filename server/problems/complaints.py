"""Refusals about complaints and suggestions."""

from server.problems.table import ASK, problem

ComplaintNotFound = problem(
    404, "complaint.not-found", ("没有这条投诉或建议", "There is no such complaint or suggestion."), ASK
)
ComplaintAnswered = problem(
    409,
    "complaint.answered",
    ("该投诉或建议已答复", "It was answered already."),
    ("请刷新后查看。", "Refresh, and read the answer."),
)
ComplaintOwn = problem(
    403,
    "complaint.own",
    ("不得答复本人的投诉或建议", "Nobody answers what they wrote themselves."),
    ("请由其他人员答复。", "Ask somebody else."),
)
ComplaintDiffers = problem(
    409,
    "complaint.differs",
    ("同一编号下已有另一内容", "Something else is here under this id."),
    ("内容仍在手机上，请重新提交。", "What was written is still on the phone; send it under a new id."),
)
