"""Refusals of statistics."""

from server.problems.table import ASK, FIX, problem

ReportNotFound = problem(404, "report.not-found", ("没有这份统计快照", "No such snapshot."), ASK)
ReportWithoutLedger = problem(
    409,
    "report.without-ledger",
    ("这份快照早于台账功能", "This snapshot was taken before snapshots held ledgers."),
    ("请重新生成快照。", "Take a new one of the same period."),
)
PictureNotFound = problem(
    404, "picture.not-found", ("没有这张统计图", "No such picture, or no such page."), ASK
)
ReportTooLarge = problem(
    409,
    "report.too-large",
    ("数据量过大，不能即时下载", "This is too large to be sent at once."),
    (
        "请改为后台生成，或按区划、事项缩小范围后重试。",
        "Have the worker make it, or choose less: a region, an item.",
    ),
)
ReportFileNotFound = problem(
    404, "report.file-not-found", ("没有这个报表文件，或已过期", "No such file, or it was forgotten."), ASK
)
ReportFileNotReady = problem(
    409,
    "report.file-not-ready",
    ("报表文件尚未生成", "This file is not made yet."),
    ("请稍后重试。", "Try again later."),
)
ReportPeriodWrong = problem(
    422, "report.period-wrong", ("统计起止日期有误", "The period ends before it begins."), FIX
)
