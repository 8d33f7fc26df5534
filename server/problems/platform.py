"""Refusals of what goes to the provincial platform and what it says."""

from server.problems.table import ASK, problem

DeliveryNotFound = problem(404, "delivery.not-found", ("没有这条报送", "No such delivery."), ASK)
DeliverySettled = problem(
    409,
    "delivery.settled",
    ("该报送无需重试", "This delivery does not wait for a retry."),
    (
        "只有被退回或停止重试的最新版本可以重新报送。",
        "Only the newest version, rejected or given up, can be sent again.",
    ),
)
ReconciliationNotFound = problem(
    404, "reconciliation.not-found", ("没有这次对账", "No such reconciliation."), ASK
)
ReconciliationNobodyToAsk = problem(
    409,
    "reconciliation.nobody-to-ask",
    ("尚未设置可询问的省级平台", "No provincial platform is set that could be asked."),
    (
        "请上传平台导出的文件进行对账，或请管理员设置 MERESTONE_PLATFORM_URL。",
        "Compare with a file that the platform gave out, or have MERESTONE_PLATFORM_URL set.",
    ),
)
ReconciliationPeriodWrong = problem(
    422,
    "reconciliation.period-wrong",
    ("对账日期有误", "These days can't be reconciled."),
    ("起止日期不得晚于今天，一次最多 31 天。", "No day may be to come, and there may be 31 at most."),
)
DifferenceNotFound = problem(404, "difference.not-found", ("没有这条对账差异", "No such difference."), ASK)
DifferenceNotSendable = problem(
    409,
    "difference.not-sendable",
    ("该差异不能靠重新报送消除", "Sending again can't settle this difference."),
    (
        "省级平台内容不同或已有更新版本的，请更正结果，或注明原因。",
        "Where the platform holds something else, or there is a newer version, correct the result or note why.",
    ),
)
DifferenceSettled = problem(
    409,
    "difference.settled",
    ("该差异已处理", "This difference is settled already."),
    ("请刷新列表。", "Read the list again."),
)
