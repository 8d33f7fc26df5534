"""Refusals of statutory documents and case files."""

from server.problems.table import ASK, FIX, RETRY, problem

DocumentNotFound = problem(404, "document.not-found", ("没有这份文书", "No such document."), ASK)
DocumentNotPossible = problem(
    409,
    "document.not-possible",
    ("现在不能制作这种文书", "This document can't be made of it now."),
    (
        "请核对事项的状态：被退回或存在并存版本的检查记录不能制作笔录，后续处置只有与其种类相符的文书。",
        "Look at its state: a record that was returned or is in conflict has none; a follow-up has those of its kind.",
    ),
)
DocumentIncomplete = problem(
    422,
    "document.incomplete",
    ("文书必填内容缺失", "Mandatory fields of the document are empty."),
    ("请补齐 missing 所列内容后重新制作。", "Fill in what `missing` lists, then issue it again."),
)
DocumentUnprintable = problem(
    422,
    "document.unprintable",
    ("字库缺少其中的字，未制作文书", "The font lacks some of the characters; nothing was made."),
    (
        "为免漏印、错印而不制作；请改用同义规范字或与管理员联系。",
        "A wrong sheet is worse than none: use another form of the character, or ask your administrator.",
    ),
)
DocumentReasonMissing = problem(
    422,
    "document.reason-missing",
    ("重新制作须说明理由", "A new version needs a reason."),
    ("该文书已制作；重新制作不改动原件，须写明理由。", "It was issued already; that one stays as it is."),
)
DocumentTemplateWrong = problem(
    422,
    "document.template-wrong",
    ("文书模板有误", "The template can't be used."),
    ("请按所列逐项更正后重新上传。", "Correct what `errors` lists and upload it again."),
)
DocumentRulesWrong = problem(
    422,
    "document.rules-wrong",
    ("文书规则有误", "The rules of documents can't be meant as they are."),
    FIX,
)
CaseFileNotFound = problem(404, "case-file.not-found", ("没有这份案卷", "No such case file."), ASK)
CaseFileNotReady = problem(
    409,
    "case-file.not-ready",
    ("案卷尚未制成", "The case file is not ready."),
    RETRY,
)
