"""Refusals of 一单两库: items, objects, licences, inspectors, experts, and the workbooks they come in."""

from server.problems.table import ASK, FIX, problem

ImportUnreadable = problem(
    422,
    "import.unreadable",
    ("表格文件无法读取", "The workbook can't be read."),
    ("请用 Excel 或 WPS 另存为 .xlsx 后重试。", "Save it as .xlsx again and retry."),
)
ImportColumns = problem(
    422,
    "import.columns",
    ("表头不符", "The headings are not those expected."),
    ("请按所列的列名填写表头。", "Use the headings that are listed."),
)
ImportRows = problem(
    422,
    "import.rows",
    ("部分行有错误，未导入任何内容", "Some rows are wrong; nothing was imported."),
    (
        "请更正所列各行，或加 take_good_rows=true 只导入无误的行。",
        "Correct the rows listed, or pass take_good_rows=true to import the good ones only.",
    ),
)
ImportNotFound = problem(404, "import.not-found", ("没有这次导入", "No such import."), ASK)
ImportState = problem(
    409,
    "import.state",
    ("该导入不能撤销", "This import can't be undone."),
    ("只有已完成且未撤销的导入可以撤销。", "Only an import that is done and stands can be undone."),
)
ImportBuiltUpon = problem(
    409,
    "import.built-upon",
    ("已有后续数据，不能撤销", "Later facts stand on it; it can't be undone."),
    (
        "请逐条处理所列各项。",
        "Deal with the entries that are listed one by one.",
    ),
)
ExportTooLarge = problem(
    422,
    "export.too-large",
    ("一次导出过多", "This is too much for one workbook."),
    ("请按行政区划分别导出。", "Export region by region."),
)
ObjectNotFound = problem(404, "object.not-found", ("没有这个检查对象", "No such inspected object."), ASK)
ObjectDuplicate = problem(
    409,
    "object.duplicate",
    ("该检查对象已存在", "This object is already there."),
    ("请修改已有对象。", "Change the one that exists."),
)
ObjectOwnerUnknown = problem(
    422,
    "object.owner-unknown",
    ("没有登记所属主体", "The entity that it belongs to is not entered."),
    ("请先登记该主体。", "Enter that entity first."),
)
MonthConfirmed = problem(
    409,
    "month.confirmed",
    ("该月已确认", "That month is confirmed already."),
    ("之后的变动计入下一次确认。", "What changes now is counted with the next confirmation."),
)
MonthNotYet = problem(422, "month.not-yet", ("该月尚未到来", "That month has not come yet."), FIX)
MonthNotFound = problem(404, "month.not-found", ("没有这次确认", "No such confirmation."), ASK)
LabelUnknown = problem(
    422,
    "label.unknown",
    ("标签不在统一标签表中", "The label is not on the list of labels."),
    ("请使用表中的标签，或先登记新标签。", "Use a label of the list, or enter a new one first."),
)
LicenceDuplicate = problem(
    409,
    "licence.duplicate",
    ("该许可证属于另一检查对象", "This licence belongs to another object."),
    FIX,
)
LicenceNotFound = problem(404, "licence.not-found", ("没有这个许可证", "No such licence."), ASK)
LicenceUnusable = problem(
    422,
    "licence.unusable",
    ("许可证内容有误，未登记", "The licence has errors and was not entered."),
    ("请按 findings 逐项更正。", "Correct what findings list."),
)
LicenceVersionUnsound = problem(
    422,
    "licence.version-unsound",
    ("版本日期有误", "The day of the version does not make sense."),
    FIX,
)
MarkerUnusable = problem(
    422,
    "marker.unusable",
    ("界桩坐标有误，未登记", "Markers have errors and were not entered."),
    ("请按 findings 逐项更正。", "Correct what findings list."),
)
CertificateTaken = problem(
    409,
    "certificate.taken",
    ("该执法证号属于另一人员", "This certificate belongs to somebody else."),
    FIX,
)
InspectorNameDiffers = problem(
    409,
    "inspector.name-differs",
    ("该用户名属于另一姓名的人员", "This user name belongs to a person of another name."),
    FIX,
)
LendingNotFound = problem(404, "lending.not-found", ("没有这次借调", "No such lending."), ASK)
LendingUnsound = problem(422, "lending.unsound", ("借调内容有误", "The lending does not make sense."), FIX)
ExpertNotFound = problem(404, "expert.not-found", ("没有这位专家", "No such expert."), ASK)
LeaderNotFound = problem(404, "leader.not-found", ("没有这位小组成员", "No such member."), ASK)
ItemNotFound = problem(404, "item.not-found", ("没有这个抽查事项", "No such inspection item."), ASK)
ItemNameTaken = problem(
    409,
    "item.name-taken",
    ("另一事项已用此名称", "Another item has this name."),
    FIX,
)
ItemNotOwn = problem(
    403,
    "item.not-own",
    ("该事项属于上级统一清单", "The item belongs to the unified list of a higher level."),
    ("请认领后在本级清单中补充。", "Claim it, and say in your own list what is different."),
)
ItemOutOfForce = problem(
    422,
    "item.out-of-force",
    ("该事项或其依据不在有效期内", "The item or its legal basis is not in force."),
    ("请核对事项和依据的有效期。", "Look at when the item and its basis are in force."),
)
ListVersionNotFound = problem(
    404, "list-version.not-found", ("没有这个清单版本", "No such version of a list."), ASK
)
ListVersionEmpty = problem(
    422,
    "list-version.empty",
    ("清单为空，不能提交", "The list is empty."),
    ("请先认领或登记事项。", "Claim or enter items first."),
)
ListVersionState = problem(
    409,
    "list-version.state",
    ("清单版本的状态不允许此操作", "The version is not in a state for this."),
    ("版本须先拟定、再审定、后公布。", "A version is prepared, then approved, then published."),
)
ListVersionTooEarly = problem(
    422,
    "list-version.too-early",
    ("生效日期早于已公布的版本", "It would take effect before a version that is published."),
    ("已公布的清单不得追溯更改。", "What was published stands for its days."),
)
ListVersionOwnApproval = problem(
    403,
    "list-version.own-approval",
    ("不得审定自己拟定的清单", "Nobody approves what they prepared."),
    ("请由其他人员审定。", "Ask somebody else."),
)
ResponsibilityNotFound = problem(
    404, "responsibility.not-found", ("没有这项监管责任事项", "No such responsibility."), ASK
)
KeyListingNotFound = problem(
    404,
    "key-listing.not-found",
    ("该对象当时不在重点抽查名录库中", "The object is not in the key-inspection library then."),
    ASK,
)
KeyListingOverlaps = problem(
    409,
    "key-listing.overlaps",
    (
        "该对象在此期间已在重点抽查名录库中",
        "The object is in the key-inspection library at that time already.",
    ),
    ("请先结束已有的列入。", "End the entry that exists first."),
)
