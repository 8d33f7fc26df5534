"""Refusals of what the public may read."""

from server.problems.table import ASK, FIX, problem

PublicityRulesWrong = problem(
    422, "publicity.rules-wrong", ("公示规则有误", "The rules of publicity can't be meant as they are."), FIX
)
DisclosureNotFound = problem(404, "disclosure.not-found", ("没有这条公示", "No such disclosure."), ASK)
DisclosureOver = problem(
    409,
    "disclosure.over",
    ("该公示已更正或已撤回", "This disclosure was corrected or withdrawn."),
    ("请刷新后查看。", "Look again."),
)
DisclosureNotWithdrawn = problem(
    409,
    "disclosure.not-withdrawn",
    ("该公示未被撤回，或已有更新版本", "This disclosure was not withdrawn, or there is a newer version."),
    (
        "只有被撤回的最新版本可以重新公示；请刷新后查看。",
        "Only the newest version, withdrawn, can be published again. Look again.",
    ),
)
PublicationSettled = problem(
    409,
    "publication.settled",
    ("部分公示不在待回执状态", "Nothing is waited for about some of these."),
    ("请去掉 ids 所列各项后重试。", "Leave out what ids lists."),
)
PublicationUnanswered = problem(
    422,
    "publication.unanswered",
    ("缺少公示平台的回执或错误信息", "What the place answered is missing: neither a receipt nor errors."),
    (
        "请填写回执（receipt，如回执号）；被退回的，填写错误信息（errors）。没有回执不算已公示。",
        "Say its receipt, its number for one, or its errors. Nothing counts as acknowledged without a receipt.",
    ),
)
PublicTooOften = problem(
    429,
    "public.too-often",
    ("查询过于频繁", "This address asks too often."),
    ("请稍后再试；批量使用请下载数据文件。", "Ask again later; take the bulk files for more."),
)
