"""Every refusal of the server, in one catalogue (RFC 9457 problem+json).

A refusal is raised, anywhere; the transaction rolls back and `server.http` answers it. Codes are
`noun.reason` and are never reused; independent clients branch on them. `docs/problems.md` is written from here.
"""

from collections.abc import Iterator
from typing import Any, ClassVar


class Problem(Exception):
    """A refusal: what is wrong and what to do, in Chinese and English, with members for machines."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "server.failed"
    title: ClassVar[tuple[str, str]] = ("服务器出错", "The server failed.")
    advice: ClassVar[tuple[str, str]] = (
        "数据已保留在手机上，请稍后重试；仍不成功请把请求编号告诉管理员。",
        "Your data is still on the phone. Retry later; if it stays, give the request id to the operator.",
    )

    def __init__(self, detail: str = "", detail_en: str = "", **members: Any) -> None:
        super().__init__(self.code, detail, members)
        self.detail = detail
        self.detail_en = detail_en or detail
        self.members = members
        self.headers: dict[str, str] = {}

    def with_headers(self, **headers: str) -> "Problem":
        """Add response headers; underscores in names stand for hyphens."""
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self

    def as_json(self, english: bool, request_id: str) -> dict[str, Any]:
        """Write the problem document in the language that was asked for."""
        language = 1 if english else 0
        detail = self.detail_en if english else self.detail
        return {
            "type": f"urn:merestone:problem:{self.code}",
            "code": self.code,
            "status": self.status,
            "title": self.title[language],
            "detail": " ".join(part for part in (detail, self.advice[language]) if part),
            "request_id": request_id,
            **self.members,
        }


CATALOGUE: dict[str, type[Problem]] = {"server.failed": Problem}


def _problem(status: int, code: str, title: tuple[str, str], advice: tuple[str, str]) -> type[Problem]:
    """Enter one refusal into the catalogue. Two entries with one code stop the program."""
    if code in CATALOGUE:
        raise ValueError(f"problem code used twice: {code}")
    name = "".join(word.capitalize() for word in code.replace(".", "-").split("-"))
    kind = type(name, (Problem,), {"status": status, "code": code, "title": title, "advice": advice})
    CATALOGUE[code] = kind
    return kind


def catalogue() -> Iterator[type[Problem]]:
    """Go through all refusals by status and code."""
    yield from sorted(CATALOGUE.values(), key=lambda kind: (kind.status, kind.code))


_RETRY = ("请稍后重试。", "Retry later.")
_ASK = ("如认为有误，请联系管理员。", "If you think this is wrong, ask your administrator.")
_FIX = ("请更正后重新提交。", "Correct it and send it again.")

# The request itself
RequestUnreadable = _problem(400, "request.unreadable", ("请求无法读取", "The request can't be read."), _FIX)
RequestInvalid = _problem(422, "request.invalid", ("请求内容不合规", "The request breaks a rule."), _FIX)
RequestTooLarge = _problem(
    413,
    "request.too-large",
    ("请求过大", "The request is too large."),
    ("请分批提交。", "Send less at a time."),
)
UrlNotFound = _problem(
    404, "url.not-found", ("没有这个地址", "No such address."), ("请核对地址。", "Check the address.")
)
MethodNotAllowed = _problem(
    405,
    "url.method-not-allowed",
    ("该地址不支持此操作", "This address does not take this method."),
    ("请核对接口说明。", "See the API description."),
)
MediaTypeWrong = _problem(
    415,
    "request.media-type",
    ("内容类型不支持", "This content type is not taken."),
    ("请核对接口说明。", "See the API description."),
)
ConstraintBroken = _problem(
    409,
    "request.conflict",
    ("与已有数据冲突", "This conflicts with what is already there."),
    ("请刷新后重试。", "Refresh and try again."),
)
Busy = _problem(503, "server.busy", ("服务器繁忙", "The server is busy."), _RETRY)
DiskFull = _problem(
    507,
    "store.full",
    ("服务器存储空间不足", "The server's storage is full."),
    (
        "文件仍在手机上，空间恢复后自动续传。",
        "The file is still on the phone and will resume when there is space.",
    ),
)

# Who is asking
SessionMissing = _problem(
    401,
    "session.missing",
    ("未登录", "Not signed in."),
    ("请登录；本机数据不受影响。", "Sign in; local data is not touched."),
)
SessionExpired = _problem(
    401,
    "session.expired",
    ("登录已过期", "The session has expired."),
    ("请刷新令牌或重新登录。", "Refresh the token or sign in again."),
)
SessionReused = _problem(
    401,
    "session.reused",
    (
        "令牌已被使用过，为安全起见已全部注销",
        "This refresh token was used before; the whole family is ended.",
    ),
    ("请重新登录。", "Sign in again."),
)
CredentialsWrong = _problem(
    401,
    "credentials.wrong",
    ("用户名或密码不正确", "User name or password is wrong."),
    ("请核对后重试。", "Check and try again."),
)
CredentialsLocked = _problem(
    429, "credentials.locked", ("登录失败次数过多，已暂停", "Too many failed sign-ins; paused."), _RETRY
)
PersonOwnRights = _problem(
    409,
    "person.own-rights",
    ("不能更改自己的角色或停用自己", "Nobody changes their own roles or deactivates themselves."),
    ("请由另一位管理员办理。", "Ask another administrator."),
)
SessionNotFound = _problem(404, "session.not-found", ("没有这个登录会话", "No such sign-in session."), _ASK)
RootNotFound = _problem(404, "root.not-found", ("没有这个树根", "No such root."), _ASK)
PersonUsernameTaken = _problem(
    409,
    "person.username-taken",
    ("该用户名已被使用", "This user name is taken."),
    ("请换一个用户名；停用的账号也保留用户名。", "Choose another; ended accounts keep theirs."),
)
PersonLastAdministrator = _problem(
    409,
    "person.last-administrator",
    ("这是最后一名管理员，不能停用或撤销角色", "The last administrator can't be ended or lose the role."),
    ("请先设置另一名管理员。", "Make somebody else an administrator first."),
)
CodeWrong = _problem(
    401,
    "code.wrong",
    (
        "用户名或一次性验证码不正确，或验证码已失效",
        "User name or one-time code is wrong, or the code is over.",
    ),
    ("请核对后重试，或请管理员重新生成。", "Check and try again, or ask your administrator for another."),
)
PasswordWeak = _problem(
    422,
    "password.weak",
    ("密码过于简单", "The password is too simple."),
    (
        "至少 10 个字符，不要与用户名相同或使用单一字符。",
        "At least 10 characters, not the user name, not one character repeated.",
    ),
)
OrganisationNameTaken = _problem(
    409, "organisation.name-taken", ("已有同名机构", "An organisation of this name exists."), _FIX
)
RegionKnown = _problem(409, "region.known", ("该行政区划已存在", "This region is there already."), _FIX)
OrganisationNotFound = _problem(
    404, "organisation.not-found", ("没有这个机构", "No such organisation."), _ASK
)
OrganisationInUse = _problem(
    409,
    "organisation.in-use",
    ("机构内还有在用账号", "People are still in this organisation."),
    ("请先将人员调整到其他机构或停用账号。", "Put them into another one, or end their accounts, first."),
)
OrganisationEnded = _problem(
    409,
    "organisation.ended",
    ("机构已停用", "This organisation was ended."),
    ("请选择其他机构，或先恢复该机构。", "Choose another one, or let this one be used again."),
)
RegionNotFound = _problem(404, "region.not-found", ("没有这个行政区划", "No such region."), _ASK)
RegionWithinItself = _problem(
    409, "region.within-itself", ("行政区划不能隶属于自己", "A region can't lie in itself."), _FIX
)
DeviceBlocked = _problem(
    403,
    "device.blocked",
    ("此设备已停用", "This device is blocked."),
    (
        "未上传的数据可由另一台手机补传或导出文件恢复，请联系管理员。",
        "Work still on it can be recovered from another phone or an export file. Ask your administrator.",
    ),
)
JobNotFound = _problem(
    404,
    "job.not-found",
    ("没有这个已放弃的任务", "No such job that was given up."),
    ("请刷新后查看：可能已由他人再次执行。", "Look again: somebody else may have run it."),
)
DeviceNotBlocked = _problem(
    409,
    "device.not-blocked",
    ("此设备没有停用", "This device is not blocked."),
    ("请刷新后查看。", "Look again."),
)
PersonNotFound = _problem(404, "person.not-found", ("没有这个人员", "No such person."), _ASK)
DeviceNotFound = _problem(404, "device.not-found", ("没有这台设备", "No such device."), _ASK)
DeviceKeyInvalid = _problem(
    422, "device.key-invalid", ("设备公钥无效", "The device's public key is not valid."), _FIX
)
_NEW_KEY = (
    "请让手机生成新的密钥后登录；用旧密钥签名的内容照常上传。",
    "Let the phone make a new key and sign in with it; send what the old one signed as ever.",
)
DeviceKeyNotFound = _problem(
    404, "device.key-not-found", ("没有这个设备密钥", "No such key of a device."), _ASK
)
DeviceKeyEnded = _problem(
    409, "device.key-ended", ("此设备密钥已终止", "This key of a device was ended."), _NEW_KEY
)
DeviceKeyRevoked = _problem(
    409, "device.key-revoked", ("此设备密钥已吊销", "This key of a device is revoked."), _NEW_KEY
)
DeviceKeyNotRevoked = _problem(
    409,
    "device.key-not-revoked",
    ("此设备密钥未被吊销", "This key of a device is not revoked."),
    ("请刷新后查看。", "Look again."),
)
DeviceKeySinceFuture = _problem(
    422,
    "device.key-since-future",
    ("吊销起始时间不能晚于现在", "A key can't be revoked since a moment that is yet to come."),
    _FIX,
)
DeviceKeyEndorsementInvalid = _problem(
    422,
    "device.key-endorsement-invalid",
    ("旧密钥对新密钥的签名不成立", "The old key's signature of the new one does not hold."),
    (
        "请核对后重试；旧密钥已不在手机上时可不带此签名。",
        "Check it and try again; leave it out where the phone has lost the old key.",
    ),
)
AccessDenied = _problem(403, "access.denied", ("没有权限", "You may not do this."), _ASK)
OutsideJurisdiction = _problem(
    403, "access.outside-jurisdiction", ("不在您的管辖范围", "This is outside your jurisdiction."), _ASK
)

# Media on its way (tus) and kept
UploadWrongVersion = _problem(
    412, "upload.wrong-version", ("上传协议版本不支持", "This version of tus is not spoken here."), _FIX
)
UploadWrongContentType = _problem(
    415,
    "upload.wrong-content-type",
    ("上传内容的类型不对", "The body is not of the type of an upload."),
    _FIX,
)
UploadBadHeader = _problem(
    400, "upload.bad-header", ("上传请求头有误", "A header of the upload is missing or wrong."), _FIX
)
UploadTooLarge = _problem(
    413,
    "upload.too-large",
    ("文件过大", "The file is too large."),
    ("请压缩或分段录制后再上传。", "Record it in parts or compress it."),
)
UploadOffsetMismatch = _problem(
    409,
    "upload.offset-mismatch",
    ("续传位置不符", "The upload continues elsewhere."),
    ("请从 Upload-Offset 处继续。", "Go on at Upload-Offset."),
)
UploadNotFound = _problem(
    404,
    "upload.not-found",
    ("没有这个上传任务", "No such upload."),
    ("请重新建立上传；文件仍在手机上。", "Create it anew; the file is still on the phone."),
)
UploadGone = _problem(
    410,
    "upload.gone",
    ("上传任务已过期或已终止", "The upload has expired or was ended."),
    ("请重新建立上传；文件仍在手机上。", "Create it anew; the file is still on the phone."),
)
UploadLocked = _problem(
    423, "upload.locked", ("另一个请求正在上传此文件", "Another request is writing this upload."), _RETRY
)
UploadQuotaReached = _problem(
    429,
    "upload.quota-reached",
    ("未完成的上传过多", "Too much is unfinished already."),
    (
        "请先完成或终止其他上传；文件仍在手机上，已收到的部分不受影响。",
        "Finish or end other uploads first. The file is still on the phone, and what came of others is kept.",
    ),
)
UploadInterrupted = _problem(
    503,
    "upload.interrupted",
    ("上传中断", "The upload was cut."),
    (
        "已收到的部分已保留，请从 Upload-Offset 处继续。",
        "What came is kept. Go on at Upload-Offset.",
    ),
)
UploadChecksumMismatch = _problem(
    460,
    "upload.checksum-mismatch",
    ("本次内容校验值不符", "The bytes of this request are not those of its checksum."),
    (
        "本次内容未计入，请从 Upload-Offset 处重发。",
        "They do not count. Send them again from Upload-Offset.",
    ),
)
MediaDigestMismatch = _problem(
    460,
    "media.digest-mismatch",
    ("文件校验值不符", "The bytes are not those that were promised."),
    (
        "已收到的内容保留 24 小时备查；请重新建立上传。",
        "What came is kept for 24 hours. Create the upload anew.",
    ),
)
MediaNotFound = _problem(404, "media.not-found", ("没有这个附件", "No such media."), _ASK)
MediaNoPreview = _problem(
    404,
    "media.no-preview",
    ("此附件没有预览图", "There is no preview of this."),
    ("原件完好保存，可下载查看。", "The original is kept and can be downloaded."),
)
MediaPreviewPending = _problem(
    404,
    "media.preview-pending",
    ("预览尚未生成", "There is no preview yet."),
    ("原件已完好保存；预览稍后可用。", "The original is kept; its preview comes in a while."),
)
MediaUnprintable = _problem(
    422,
    "media.unprintable",
    ("水印字库缺少其中的字", "The font of stamps lacks some of the characters."),
    (
        "未制作水印副本，以免印错；原件不受影响。",
        "No copy is made rather than a wrong one. The original is not affected.",
    ),
)
MediaNotLookedInto = _problem(
    503, "media.not-looked-into", ("文件暂时无法处理", "The file can't be looked into now."), _RETRY
)
MediaRangeWrong = _problem(
    416, "media.range-wrong", ("请求的范围超出文件", "The range lies outside the file."), _FIX
)
StoreUnavailable = _problem(
    503, "store.unavailable", ("文件存储暂不可用", "The store does not answer now."), _RETRY
)

# Stock ODK phones
OpenrosaKeyDead = _problem(
    403,
    "openrosa-key.dead",
    ("此地址已停用或不完整", "This address was ended, or is not whole."),
    (
        "手机中的数据不受影响，请向管理员索取新的二维码。",
        "What is on the phone is not touched. Ask for a new QR code.",
    ),
)
OpenrosaPhoneDiffers = _problem(
    403,
    "openrosa-key.phone-differs",
    ("此地址已由另一台手机使用", "Another phone uses this address."),
    (
        "手机中的数据不受影响。换机或重装后，请管理员解除原手机的绑定，地址不变。",
        "What is on the phone is not touched. After a change of phones let your administrator release the other one; the address stays.",
    ),
)
OpenrosaKeyNotFound = _problem(404, "openrosa-key.not-found", ("没有这个地址", "No such key."), _ASK)
OpenrosaKeyEnded = _problem(
    409,
    "openrosa-key.ended",
    ("此地址已停用", "This key was ended."),
    ("请另发一个。", "Make a new one."),
)
OpenrosaPersonUnfit = _problem(
    422,
    "openrosa-key.person-unfit",
    ("此人不是在岗的检查人员", "This person is no active inspector."),
    _FIX,
)
SubmissionNoXml = _problem(
    400,
    "submission.no-xml",
    ("提交中没有表单内容", "The submission has no XML."),
    ("请在手机上重新发送。", "Send it again from the phone."),
)
SubmissionBroken = _problem(
    400,
    "submission.broken",
    ("提交在途中中断", "The submission broke off on its way."),
    ("手机会自动重新发送。", "The phone sends it again."),
)
FormNoneOffered = _problem(
    503,
    "form.none-offered",
    ("服务器上没有已发布的表单", "No form is published here."),
    ("手机上的表单保持不变，请联系管理员。", "The forms on the phone stay. Tell your administrator."),
)
FileNotOfForm = _problem(
    404, "form.file-not-found", ("该表单没有这个文件", "The form has no such file."), _ASK
)

# Workbooks that are imported
ImportUnreadable = _problem(
    422,
    "import.unreadable",
    ("表格文件无法读取", "The workbook can't be read."),
    ("请用 Excel 或 WPS 另存为 .xlsx 后重试。", "Save it as .xlsx again and retry."),
)
ImportColumns = _problem(
    422,
    "import.columns",
    ("表头不符", "The headings are not those expected."),
    ("请按所列的列名填写表头。", "Use the headings that are listed."),
)
ImportRows = _problem(
    422,
    "import.rows",
    ("部分行有错误，未导入任何内容", "Some rows are wrong; nothing was imported."),
    (
        "请更正所列各行，或加 take_good_rows=true 只导入无误的行。",
        "Correct the rows listed, or pass take_good_rows=true to import the good ones only.",
    ),
)

ImportNotFound = _problem(404, "import.not-found", ("没有这次导入", "No such import."), _ASK)
ImportState = _problem(
    409,
    "import.state",
    ("该导入不能撤销", "This import can't be undone."),
    ("只有已完成且未撤销的导入可以撤销。", "Only an import that is done and stands can be undone."),
)
ImportBuiltUpon = _problem(
    409,
    "import.built-upon",
    ("已有后续数据，不能撤销", "Later facts stand on it; it can't be undone."),
    (
        "请逐条处理所列各项。",
        "Deal with the entries that are listed one by one.",
    ),
)
ExportTooLarge = _problem(
    422,
    "export.too-large",
    ("一次导出过多", "This is too much for one workbook."),
    ("请按行政区划分别导出。", "Export region by region."),
)

# Inspected objects, licences, markers
ObjectNotFound = _problem(404, "object.not-found", ("没有这个检查对象", "No such inspected object."), _ASK)
ObjectDuplicate = _problem(
    409,
    "object.duplicate",
    ("该检查对象已存在", "This object is already there."),
    ("请修改已有对象。", "Change the one that exists."),
)
ObjectOwnerUnknown = _problem(
    422,
    "object.owner-unknown",
    ("没有登记所属主体", "The entity that it belongs to is not entered."),
    ("请先登记该主体。", "Enter that entity first."),
)
MonthConfirmed = _problem(
    409,
    "month.confirmed",
    ("该月已确认", "That month is confirmed already."),
    ("之后的变动计入下一次确认。", "What changes now is counted with the next confirmation."),
)
MonthNotYet = _problem(422, "month.not-yet", ("该月尚未到来", "That month has not come yet."), _FIX)
MonthNotFound = _problem(404, "month.not-found", ("没有这次确认", "No such confirmation."), _ASK)
LabelUnknown = _problem(
    422,
    "label.unknown",
    ("标签不在统一标签表中", "The label is not on the list of labels."),
    ("请使用表中的标签，或先登记新标签。", "Use a label of the list, or enter a new one first."),
)
LicenceDuplicate = _problem(
    409,
    "licence.duplicate",
    ("该许可证属于另一检查对象", "This licence belongs to another object."),
    _FIX,
)
LicenceNotFound = _problem(404, "licence.not-found", ("没有这个许可证", "No such licence."), _ASK)
LicenceUnusable = _problem(
    422,
    "licence.unusable",
    ("许可证内容有误，未登记", "The licence has errors and was not entered."),
    ("请按 findings 逐项更正。", "Correct what findings list."),
)
MarkerUnusable = _problem(
    422,
    "marker.unusable",
    ("界桩坐标有误，未登记", "Markers have errors and were not entered."),
    ("请按 findings 逐项更正。", "Correct what findings list."),
)
CertificateTaken = _problem(
    409,
    "certificate.taken",
    ("该执法证号属于另一人员", "This certificate belongs to somebody else."),
    _FIX,
)
InspectorNameDiffers = _problem(
    409,
    "inspector.name-differs",
    ("该用户名属于另一姓名的人员", "This user name belongs to a person of another name."),
    _FIX,
)

LendingNotFound = _problem(404, "lending.not-found", ("没有这次借调", "No such lending."), _ASK)
LendingUnsound = _problem(422, "lending.unsound", ("借调内容有误", "The lending does not make sense."), _FIX)
ExpertNotFound = _problem(404, "expert.not-found", ("没有这位专家", "No such expert."), _ASK)
LeaderNotFound = _problem(404, "leader.not-found", ("没有这位小组成员", "No such member."), _ASK)
ItemNotFound = _problem(404, "item.not-found", ("没有这个抽查事项", "No such inspection item."), _ASK)
ItemNameTaken = _problem(
    409,
    "item.name-taken",
    ("另一事项已用此名称", "Another item has this name."),
    _FIX,
)
ItemNotOwn = _problem(
    403,
    "item.not-own",
    ("该事项属于上级统一清单", "The item belongs to the unified list of a higher level."),
    ("请认领后在本级清单中补充。", "Claim it, and say in your own list what is different."),
)
ItemOutOfForce = _problem(
    422,
    "item.out-of-force",
    ("该事项或其依据不在有效期内", "The item or its legal basis is not in force."),
    ("请核对事项和依据的有效期。", "Look at when the item and its basis are in force."),
)
ListVersionNotFound = _problem(
    404, "list-version.not-found", ("没有这个清单版本", "No such version of a list."), _ASK
)
ListVersionEmpty = _problem(
    422,
    "list-version.empty",
    ("清单为空，不能提交", "The list is empty."),
    ("请先认领或登记事项。", "Claim or enter items first."),
)
ListVersionState = _problem(
    409,
    "list-version.state",
    ("清单版本的状态不允许此操作", "The version is not in a state for this."),
    ("版本须先拟定、再审定、后公布。", "A version is prepared, then approved, then published."),
)
ListVersionTooEarly = _problem(
    422,
    "list-version.too-early",
    ("生效日期早于已公布的版本", "It would take effect before a version that is published."),
    ("已公布的清单不得追溯更改。", "What was published stands for its days."),
)
ListVersionOwnApproval = _problem(
    403,
    "list-version.own-approval",
    ("不得审定自己拟定的清单", "Nobody approves what they prepared."),
    ("请由其他人员审定。", "Ask somebody else."),
)
ResponsibilityNotFound = _problem(
    404, "responsibility.not-found", ("没有这项监管责任事项", "No such responsibility."), _ASK
)
KeyListingNotFound = _problem(
    404,
    "key-listing.not-found",
    ("该对象当时不在重点抽查名录库中", "The object is not in the key-inspection library then."),
    _ASK,
)
KeyListingOverlaps = _problem(
    409,
    "key-listing.overlaps",
    (
        "该对象在此期间已在重点抽查名录库中",
        "The object is in the key-inspection library at that time already.",
    ),
    ("请先结束已有的列入。", "End the entry that exists first."),
)

# Plans
PlanNotFound = _problem(404, "plan.not-found", ("没有这个计划", "No such plan."), _ASK)
PlanPublished = _problem(
    409,
    "plan.published",
    ("计划已公布，不能再改动", "The plan is published and stands."),
    ("请提出计划调整。", "Propose an amendment."),
)
PlanStage = _problem(
    409,
    "plan.stage",
    ("计划现处的阶段不允许这样做", "The plan is at a stage that does not allow this."),
    ("请按申报、汇总、审批、公布的顺序办理。", "Go by propose, aggregate, approve, publish."),
)
PlansDiffer = _problem(
    409,
    "plan.differ",
    (
        "只能汇总同一单位、同一年度、同一类型的计划",
        "Only plans of one bureau, year and kind are aggregated.",
    ),
    _FIX,
)
PlanOwnWork = _problem(
    403,
    "plan.own-work",
    ("不得审批自己汇总的计划或自己提出的调整", "Nobody approves what they aggregated or proposed."),
    ("请由他人审批。", "Let somebody else approve it."),
)
PlanIncomplete = _problem(
    422,
    "plan.incomplete",
    ("计划尚不完整", "The plan is not complete."),
    _FIX,
)
PlanDrawn = _problem(
    409,
    "plan.drawn",
    ("该任务已经抽取，对象范围不能再改", "The inspection is drawn: its frame stands."),
    _ASK,
)
AmendmentNotFound = _problem(404, "amendment.not-found", ("没有这项计划调整", "No such amendment."), _ASK)
AmendmentStage = _problem(
    409,
    "amendment.stage",
    (
        "该项调整现处的阶段不允许这样做",
        "The amendment is at a stage that does not allow this.",
    ),
    ("请按提出、审批、公布的顺序办理。", "Go by propose, approve, publish."),
)
AmendmentUnusable = _problem(
    422, "amendment.unusable", ("调整内容不可用", "The changes can't be used."), _FIX
)
AmendmentLocked = _problem(
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
SchemeNotFound = _problem(404, "scheme.not-found", ("没有这个工作方案", "No such work scheme."), _ASK)
SchemePublished = _problem(
    409,
    "scheme.published",
    ("工作方案已公布，不能再改动", "The work scheme is published and stands."),
    ("请编写新的版本。", "Write a new version."),
)
IntakeNotFound = _problem(404, "intake.not-found", ("没有这份导入稿", "No such intake."), _ASK)
IntakeEntered = _problem(
    409,
    "intake.entered",
    ("该导入稿已成为计划", "The intake has become a plan already."),
    ("请在计划中继续办理。", "Go on with the plan."),
)

# Forms
FormNotFound = _problem(404, "form.not-found", ("没有这个表单版本", "No such form version."), _ASK)
FormVersionExists = _problem(
    409,
    "form.version-exists",
    ("该版本已发布且内容不同", "This version is published already, with other content."),
    ("请修改版本号后重新发布。", "Give it another version number and publish again."),
)
FormUncompilable = _problem(422, "form.uncompilable", ("表单无法编译", "The form can't be compiled."), _FIX)
FormFaulty = _problem(
    422,
    "form.faulty",
    ("表单有错误，不能发布", "The form has errors and can't be published."),
    ("请按 findings 逐项更正后重新发布。", "Correct what findings list, then publish."),
)
FormInstanceUnusable = _problem(
    422,
    "form.instance-unusable",
    ("无法迁移这份草稿", "This draft of a record can't be moved."),
    ("请用草稿原来的表单版本继续填写。", "Go on with the version of the form that it was begun with."),
)
FormDraftNotFound = _problem(
    404, "form.draft-not-found", ("没有这个表单草稿", "No such draft of a form."), _ASK
)
FormDraftPublished = _problem(
    409,
    "form.draft-published",
    ("该草稿已发布，不能再改动", "The draft is published and stands."),
    ("请以新版本号另建草稿。", "Make a new draft with another version number."),
)
FormDraftsFull = _problem(
    409,
    "form.too-many-drafts",
    ("未发布的草稿过多", "There are too many drafts."),
    ("请先发布或删除不再需要的草稿。", "Publish or delete some first."),
)

# Tasks and records
TaskNotFound = _problem(404, "task.not-found", ("没有这个任务", "No such task."), _ASK)
TaskClosed = _problem(
    409,
    "task.closed",
    ("任务已完成或已撤回", "The task is done or withdrawn."),
    ("请刷新后核对任务状态。", "Refresh and look at its state."),
)
TaskDayWrong = _problem(
    422,
    "task.day-wrong",
    (
        "新的截止日期须晚于原截止日期，且不早于今天",
        "The new last day has to be later than the old one, and not over.",
    ),
    ("请改选日期。", "Choose another day."),
)
TaskPeopleWrong = _problem(
    422,
    "task.people-wrong",
    ("检查人员不符合要求", "These people can't take the task."),
    ("须有两名以上不同的在职检查人员。", "It takes two or more different active inspectors."),
)
TaskJoint = _problem(
    409,
    "task.joint",
    ("这是多部门联合检查任务", "This is a joint visit of several departments."),
    ("请按部门调整检查人员。", "Change its people department by department."),
)
TaskDepartmentsWrong = _problem(
    422,
    "task.departments-wrong",
    ("部门分工不符合要求", "The task can't be divided so."),
    (
        "须有两个以上部门，每个部门有自己的两名以上持证检查人员和事项，每个事项只归一个部门。",
        "It takes two or more departments, each with its items and two or more certified inspectors of its own.",
    ),
)
GateRuleUnknown = _problem(
    422,
    "gate.rule-unknown",
    ("没有这条核对规则", "There is no such rule."),
    ("请从任务的合法性核对中选择。", "Choose one of the task's checks."),
)
GateRuleFirm = _problem(
    409,
    "gate.rule-firm",
    ("该规则不得变通", "Nobody may set this rule aside."),
    ("请改正后再检查，例如更换检查人员。", "Put it right first, as by sending other inspectors."),
)
GateNotBlocked = _problem(
    409,
    "gate.not-blocked",
    ("该规则现在没有禁止这次检查", "The rule does not forbid this visit now."),
    ("请刷新后核对。", "Refresh and look again."),
)
RecordNotFound = _problem(404, "record.not-found", ("没有这条记录", "No such record."), _ASK)
RecordNotUnderReview = _problem(
    409,
    "record.not-under-review",
    ("记录不在待审核状态", "The record is not under review."),
    ("请刷新后核对记录状态。", "Refresh and look at its state."),
)
RecordNotFinishable = _problem(
    409,
    "record.not-finishable",
    ("记录尚不能审核通过", "The record can't be finished yet."),
    ("请先处理列出的各项。", "Settle first what is listed."),
)
RecordMarkUnknown = _problem(
    422,
    "record.mark-unknown",
    ("标记的字段不在表单中", "A marked field is not in the form."),
    _FIX,
)
RecordOwnReview = _problem(
    403,
    "record.own-review",
    ("不得审核自己检查的记录", "Nobody reviews a record of their own visit."),
    ("请由其他审核人员处理。", "Ask another reviewer."),
)
RecordNotConflicted = _problem(
    409,
    "record.not-conflicted",
    ("记录没有待合并的版本", "The record has no versions to bring together."),
    ("请刷新后核对记录状态。", "Refresh and look at its state."),
)
RecordVersionsDiffer = _problem(
    409,
    "record.versions-differ",
    ("各版本使用的表单版本不同，不能合并", "The versions are of different forms; there is no merge."),
    (
        "请对照各版本，由主检人员填写一份新的记录版本。",
        "Compare them; the lead fills in a new version by hand.",
    ),
)
RecordMergeUnusable = _problem(
    422,
    "record.merge-unusable",
    ("合并选择不完整或与冲突项不符", "The choices are incomplete or not about what clashes."),
    (
        "请为列出的每一项选择一个版本或填写内容。",
        "Choose a version for each path listed, or write an answer.",
    ),
)

# Phones: push and pull
PushUnreadable = _problem(
    400,
    "push.unreadable",
    ("推送内容无法读取", "The push can't be read."),
    ("数据仍在手机上，请减少条数后重试。", "The data is still on the phone; send smaller halves."),
)
PushTooLarge = _problem(
    413,
    "push.too-large",
    ("一次推送过多", "Too much in one push."),
    ("请减半后重试。", "Send half."),
)
SyncInFlight = _problem(
    429,
    "sync.in-flight",
    ("这部手机的上一次同步还在进行", "This phone's last sync is still going on."),
    ("请稍后重试。", "Retry a little later."),
)
EpochDiffers = _problem(
    409,
    "epoch.differs",
    ("服务器数据已恢复到另一时期", "The server began a new epoch."),
    ("手机将自动核对并补传。", "The phone offers again what it holds."),
)
FeedReset = _problem(
    410,
    "feed.reset",
    ("同步位置已失效", "The cursor is no longer good."),
    ("请从头拉取；待发送的数据不受影响。", "Pull from zero; the outbox is not touched."),
)
DigestTooOften = _problem(
    429,
    "digest.too-often",
    ("核对过于频繁", "The view is compared too often."),
    ("请过后再核对；拉取和推送不受影响。", "Compare later; pulling and pushing go on."),
)
BlobNotFound = _problem(404, "blob.not-found", ("没有这个内容", "No such content."), _ASK)

# Base maps
MapNotFound = _problem(404, "map.not-found", ("没有这个地图包", "No such pack of maps."), _ASK)

# What could not become part of a record
QuarantineNotFound = _problem(
    404, "quarantine.not-found", ("没有这项隔离件", "Nothing of that name is in quarantine."), _ASK
)
QuarantineSettled = _problem(
    409,
    "quarantine.settled",
    ("该隔离件已处理", "This was decided already."),
    (
        "请刷新后核对状态；已搁置的可重新打开。",
        "Refresh and look at its state; what was dismissed can be reopened.",
    ),
)
QuarantineNotAdmissible = _problem(
    409,
    "quarantine.not-admissible",
    ("该隔离件不能接收为记录", "This can not become part of a record."),
    (
        "原因见 reason；原始数据仍保存，可下载或搁置。",
        "`reason` says why; the bytes are kept, and can be downloaded or dismissed.",
    ),
)
QuarantineTaskMissing = _problem(
    422,
    "quarantine.task-missing",
    ("数据所指任务不存在", "The task that the bytes name does not exist."),
    ("请指定它所属的任务。", "Name the task it belongs to."),
)
QuarantineTaskDiffers = _problem(
    422,
    "quarantine.task-differs",
    ("指定的任务与数据不符", "It does not belong to the task that was named."),
    (
        "数据所指任务或记录已存在，只能归入该任务；请勿另行指定。",
        "The task or the record that the bytes name exists: it belongs there. Name none.",
    ),
)
QuarantineOwnWork = _problem(
    403,
    "quarantine.own-work",
    ("不得处理自己的隔离件", "Nobody decides about their own work, or that of their own visit."),
    ("请由其他审核人员处理。", "Ask another reviewer."),
)

# Draws, results, deliveries
RevisionNotFound = _problem(
    404, "revision.not-found", ("记录没有这个版本", "The record has no such revision."), _ASK
)
DoubtNotFound = _problem(
    404,
    "doubt.not-found",
    ("没有这个疑问，或情况已变化", "No such question, or there is more to ask about by now."),
    ("请刷新记录后重新查看。", "Load the record again and look anew."),
)
DrawNotFound = _problem(404, "draw.not-found", ("没有这次抽取", "No such draw."), _ASK)
DrawUnusable = _problem(422, "draw.unusable", ("抽取结果不合规", "The draw breaks a rule."), _FIX)
CeremonyNotFound = _problem(404, "ceremony.not-found", ("没有这次抽取活动", "No such ceremony."), _ASK)
CeremonyOutOfOrder = _problem(
    409,
    "ceremony.out-of-order",
    ("抽取步骤的次序不对", "This step does not follow from where the ceremony is."),
    (
        "次序为：公布承诺、冻结底册、揭示并抽取、发布。",
        "The order is: commit, freeze, reveal, publish.",
    ),
)
CeremonyUnderWay = _problem(
    409,
    "ceremony.under-way",
    ("该计划任务已有进行中的抽取", "Another draw of this planned inspection is under way."),
    ("请先完成它，或说明理由后放弃。", "Finish it, or abandon it with a reason."),
)
CeremonyRandomness = _problem(
    422,
    "ceremony.randomness",
    ("公共随机数与公告不符", "Public randomness must be given exactly when it was announced."),
    _FIX,
)
CeremonySecretLost = _problem(
    409,
    "ceremony.secret-lost",
    ("抽取密值已无法打开", "The secret can't be opened any more."),
    ("请说明理由放弃本次抽取，重新公布承诺。", "Abandon this draw with a reason, and commit anew."),
)
ReplacementNobody = _problem(
    409,
    "replacement.nobody",
    ("没有可更换的人员", "There is nobody who could go instead."),
    ("请先补充检查人员，再说明理由重新匹配。", "Lend inspectors, then match anew with a reason."),
)
ReplacementUnknown = _problem(
    404, "replacement.unknown", ("该人员不在此次检查中", "This person is not on that visit."), _ASK
)
RecusalNotFound = _problem(404, "recusal.not-found", ("没有这条回避", "No such recusal."), _ASK)
ResultNotFound = _problem(404, "result.not-found", ("没有这条检查结果", "No such result."), _ASK)
ResultUnsound = _problem(
    422,
    "result.unsound",
    ("检查结果不符合填报规则", "The result breaks a rule of result entry."),
    ("请按所列逐项更正。", "Correct what errors list."),
)
ResultChanged = _problem(
    409,
    "result.changed",
    ("检查结果已被他人修改", "Somebody else changed the result."),
    ("请刷新后重试。", "Refresh and try again."),
)
ResultNotConfirmed = _problem(
    409,
    "result.not-confirmed",
    ("检查结果尚未确认或已发布", "The result is not confirmed, or released already."),
    ("请刷新后核对状态。", "Refresh and look at its state."),
)
ResultNotOwn = _problem(
    403,
    "result.not-own",
    ("只能确认自己参与检查的结果", "Only an inspector of the task confirms its results."),
    _ASK,
)
ResultOwnRelease = _problem(
    403,
    "result.own-release",
    ("不得发布自己检查的结果", "Nobody releases a result of their own visit."),
    ("请由其他审核人员发布。", "Ask another supervisor."),
)
FollowupNotFound = _problem(404, "followup.not-found", ("没有这项后续处置", "No such follow-up."), _ASK)
FollowupOver = _problem(
    409,
    "followup.over",
    ("该后续处置已完结或已取消", "This follow-up is over."),
    ("请刷新后查看。", "Look again."),
)
FollowupIncomplete = _problem(
    422,
    "followup.incomplete",
    ("后续处置尚不能完结", "The follow-up can't be over yet."),
    ("请按所列逐项补充。", "Add what errors list."),
)
FollowupEvidence = _problem(
    422,
    "followup.evidence-unknown",
    ("所附证据不存在或不属于该检查对象", "Some evidence is not there, or is about another object."),
    (
        "请先上传文件，或引用该对象已定稿的记录。",
        "Upload files first, or name final records about this object.",
    ),
)
FollowupNotVisited = _problem(
    409,
    "followup.not-visited",
    ("该后续处置不能再安排回访", "No further visit can be opened for this."),
    _ASK,
)
ObjectionNotFound = _problem(404, "objection.not-found", ("没有这项异议", "No such objection."), _ASK)
ObjectionOpen = _problem(
    409,
    "objection.open",
    ("该结果已有异议待处理", "An objection to this result is open already."),
    ("请先作出决定。", "Decide it first."),
)
ObjectionTooEarly = _problem(
    409,
    "objection.too-early",
    ("该结果尚未发布，或提出日期在今天之后", "The result was never released, or the day is yet to come."),
    _FIX,
)
ObjectionSettled = _problem(
    409,
    "objection.settled",
    ("该异议已处理", "This objection was decided already."),
    ("请刷新后查看。", "Look again."),
)
ObjectionOwn = _problem(
    403,
    "objection.own",
    ("不得处理对自己检查结果的异议", "Nobody decides about a result of their own."),
    ("请由其他人员处理。", "Ask somebody else."),
)
CalendarUnsound = _problem(
    422, "calendar.unsound", ("放假通知内容有误", "The notice can't be meant as it is."), _FIX
)
ReportNotFound = _problem(404, "report.not-found", ("没有这份统计快照", "No such snapshot."), _ASK)
ReportWithoutLedger = _problem(
    409,
    "report.without-ledger",
    ("这份快照早于台账功能", "This snapshot was taken before snapshots held ledgers."),
    ("请重新生成快照。", "Take a new one of the same period."),
)
PictureNotFound = _problem(
    404, "picture.not-found", ("没有这张统计图", "No such picture, or no such page."), _ASK
)
ReportTooLarge = _problem(
    409,
    "report.too-large",
    ("数据量过大，不能即时下载", "This is too large to be sent at once."),
    ("请按区划或事项缩小范围后重试。", "Choose less: a region, an item."),
)
ReportPeriodWrong = _problem(
    422, "report.period-wrong", ("统计起止日期有误", "The period ends before it begins."), _FIX
)
DeadlineRulesWrong = _problem(
    422, "deadline.rules-wrong", ("期限规则有误", "The deadline rules can't be meant as they are."), _FIX
)
PublicityRulesWrong = _problem(
    422, "publicity.rules-wrong", ("公示规则有误", "The rules of publicity can't be meant as they are."), _FIX
)
DisclosureNotFound = _problem(404, "disclosure.not-found", ("没有这条公示", "No such disclosure."), _ASK)
DisclosureOver = _problem(
    409,
    "disclosure.over",
    ("该公示已更正或已撤回", "This disclosure was corrected or withdrawn."),
    ("请刷新后查看。", "Look again."),
)
PublicationSettled = _problem(
    409,
    "publication.settled",
    ("部分公示不在待回执状态", "Nothing is waited for about some of these."),
    ("请去掉 ids 所列各项后重试。", "Leave out what ids lists."),
)
PublicTooOften = _problem(
    429,
    "public.too-often",
    ("查询过于频繁", "This address asks too often."),
    ("请稍后再试；批量使用请下载数据文件。", "Ask again later; take the bulk files for more."),
)
DeliveryNotFound = _problem(404, "delivery.not-found", ("没有这条报送", "No such delivery."), _ASK)
DeliverySettled = _problem(
    409,
    "delivery.settled",
    ("该报送无需重试", "This delivery does not wait for a retry."),
    (
        "只有被退回或停止重试的最新版本可以重新报送。",
        "Only the newest version, rejected or given up, can be sent again.",
    ),
)


DocumentNotFound = _problem(404, "document.not-found", ("没有这份文书", "No such document."), _ASK)
DocumentNotPossible = _problem(
    409,
    "document.not-possible",
    ("现在不能制作这种文书", "This document can't be made of it now."),
    (
        "请核对事项的状态：被退回或存在并存版本的检查记录不能制作笔录，后续处置只有与其种类相符的文书。",
        "Look at its state: a record that was returned or is in conflict has none; a follow-up has those of its kind.",
    ),
)
DocumentIncomplete = _problem(
    422,
    "document.incomplete",
    ("文书必填内容缺失", "Mandatory fields of the document are empty."),
    ("请补齐 missing 所列内容后重新制作。", "Fill in what `missing` lists, then issue it again."),
)
DocumentUnprintable = _problem(
    422,
    "document.unprintable",
    ("字库缺少其中的字，未制作文书", "The font lacks some of the characters; nothing was made."),
    (
        "为免漏印、错印而不制作；请改用同义规范字或与管理员联系。",
        "A wrong sheet is worse than none: use another form of the character, or ask your administrator.",
    ),
)
DocumentReasonMissing = _problem(
    422,
    "document.reason-missing",
    ("重新制作须说明理由", "A new version needs a reason."),
    ("该文书已制作；重新制作不改动原件，须写明理由。", "It was issued already; that one stays as it is."),
)
DocumentTemplateWrong = _problem(
    422,
    "document.template-wrong",
    ("文书模板有误", "The template can't be used."),
    ("请按所列逐项更正后重新上传。", "Correct what `errors` lists and upload it again."),
)
DocumentRulesWrong = _problem(
    422,
    "document.rules-wrong",
    ("文书规则有误", "The rules of documents can't be meant as they are."),
    _FIX,
)
CaseFileNotFound = _problem(404, "case-file.not-found", ("没有这份案卷", "No such case file."), _ASK)
CaseFileNotReady = _problem(
    409,
    "case-file.not-ready",
    ("案卷尚未制成", "The case file is not ready."),
    _RETRY,
)


def problems_as_markdown() -> str:
    """Write the table of `docs/problems.md`."""
    lines = [
        "# Problem codes",
        "",
        "Every refusal is `application/problem+json` with a stable `code`. Codes are never reused.",
        "`make docs` writes this page.",
        "",
        "| status | code | 含义 | meaning |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {kind.status} | `{kind.code}` | {kind.title[0]} | {kind.title[1]} |" for kind in catalogue()
    ]
    return "\n".join(lines) + "\n"
