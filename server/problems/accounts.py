"""Refusals of who is asking: people, their sign-ins, organisations, devices and keys."""

from server.problems.table import ASK, FIX, RETRY, problem

SessionMissing = problem(
    401,
    "session.missing",
    ("未登录", "Not signed in."),
    ("请登录；本机数据不受影响。", "Sign in; local data is not touched."),
)
SessionExpired = problem(
    401,
    "session.expired",
    ("登录已过期", "The session has expired."),
    ("请刷新令牌或重新登录。", "Refresh the token or sign in again."),
)
SessionReused = problem(
    401,
    "session.reused",
    (
        "令牌已被使用过，为安全起见已全部注销",
        "This refresh token was used before; the whole family is ended.",
    ),
    ("请重新登录。", "Sign in again."),
)
CredentialsWrong = problem(
    401,
    "credentials.wrong",
    ("用户名或密码不正确", "User name or password is wrong."),
    ("请核对后重试。", "Check and try again."),
)
CredentialsLocked = problem(
    429, "credentials.locked", ("登录失败次数过多，已暂停", "Too many failed sign-ins; paused."), RETRY
)
PersonOwnRights = problem(
    409,
    "person.own-rights",
    ("不能更改自己的角色或停用自己", "Nobody changes their own roles or deactivates themselves."),
    ("请由另一位管理员办理。", "Ask another administrator."),
)
SessionNotFound = problem(404, "session.not-found", ("没有这个登录会话", "No such sign-in session."), ASK)
PersonUsernameTaken = problem(
    409,
    "person.username-taken",
    ("该用户名已被使用", "This user name is taken."),
    ("请换一个用户名；停用的账号也保留用户名。", "Choose another; ended accounts keep theirs."),
)
PersonLastAdministrator = problem(
    409,
    "person.last-administrator",
    ("这是最后一名管理员，不能停用或撤销角色", "The last administrator can't be ended or lose the role."),
    ("请先设置另一名管理员。", "Make somebody else an administrator first."),
)
CodeWrong = problem(
    401,
    "code.wrong",
    (
        "用户名或一次性验证码不正确，或验证码已失效",
        "User name or one-time code is wrong, or the code is over.",
    ),
    ("请核对后重试，或请管理员重新生成。", "Check and try again, or ask your administrator for another."),
)
PasswordWeak = problem(
    422,
    "password.weak",
    ("密码过于简单", "The password is too simple."),
    (
        "至少 10 个字符，不要与用户名相同或使用单一字符。",
        "At least 10 characters, not the user name, not one character repeated.",
    ),
)
OrganisationNameTaken = problem(
    409, "organisation.name-taken", ("已有同名机构", "An organisation of this name exists."), FIX
)
RegionKnown = problem(409, "region.known", ("该行政区划已存在", "This region is there already."), FIX)
OrganisationNotFound = problem(404, "organisation.not-found", ("没有这个机构", "No such organisation."), ASK)
OrganisationInUse = problem(
    409,
    "organisation.in-use",
    ("机构内还有在用账号", "People are still in this organisation."),
    ("请先将人员调整到其他机构或停用账号。", "Put them into another one, or end their accounts, first."),
)
OrganisationEnded = problem(
    409,
    "organisation.ended",
    ("机构已停用", "This organisation was ended."),
    ("请选择其他机构，或先恢复该机构。", "Choose another one, or let this one be used again."),
)
RegionNotFound = problem(404, "region.not-found", ("没有这个行政区划", "No such region."), ASK)
OutlinesWrong = problem(
    422,
    "outlines.wrong",
    ("界线文件不能使用", "These outlines can't be used."),
    (
        "需要 GeoJSON 面要素，经纬度坐标（CGCS2000 或 WGS 84），每个区划一个要素，属性中有六位区划代码。",
        "GeoJSON polygons in degrees, longitude first, one feature for each region, with its six-digit code as a property.",
    ),
)
RegionWithinItself = problem(
    409, "region.within-itself", ("行政区划不能隶属于自己", "A region can't lie in itself."), FIX
)
DeviceBlocked = problem(
    403,
    "device.blocked",
    ("此设备已停用", "This device is blocked."),
    (
        "未上传的数据可由另一台手机补传或导出文件恢复，请联系管理员。",
        "Work still on it can be recovered from another phone or an export file. Ask your administrator.",
    ),
)
DeviceNotBlocked = problem(
    409,
    "device.not-blocked",
    ("此设备没有停用", "This device is not blocked."),
    ("请刷新后查看。", "Look again."),
)
PersonNotFound = problem(404, "person.not-found", ("没有这个人员", "No such person."), ASK)
DeviceNotFound = problem(404, "device.not-found", ("没有这台设备", "No such device."), ASK)
DeviceKeyInvalid = problem(
    422, "device.key-invalid", ("设备公钥无效", "The device's public key is not valid."), FIX
)
_NEW_KEY = (
    "请让手机生成新的密钥后登录；用旧密钥签名的内容照常上传。",
    "Let the phone make a new key and sign in with it; send what the old one signed as ever.",
)
DeviceKeyNotFound = problem(
    404, "device.key-not-found", ("没有这个设备密钥", "No such key of a device."), ASK
)
DeviceKeyEnded = problem(
    409, "device.key-ended", ("此设备密钥已终止", "This key of a device was ended."), _NEW_KEY
)
DeviceKeyRevoked = problem(
    409, "device.key-revoked", ("此设备密钥已吊销", "This key of a device is revoked."), _NEW_KEY
)
DeviceKeyNotRevoked = problem(
    409,
    "device.key-not-revoked",
    ("此设备密钥未被吊销", "This key of a device is not revoked."),
    ("请刷新后查看。", "Look again."),
)
DeviceKeySinceFuture = problem(
    422,
    "device.key-since-future",
    ("吊销起始时间不能晚于现在", "A key can't be revoked since a moment that is yet to come."),
    FIX,
)
DeviceKeyEndorsementInvalid = problem(
    422,
    "device.key-endorsement-invalid",
    ("旧密钥对新密钥的签名不成立", "The old key's signature of the new one does not hold."),
    (
        "请核对后重试；旧密钥已不在手机上时可不带此签名。",
        "Check it and try again; leave it out where the phone has lost the old key.",
    ),
)
AccessDenied = problem(403, "access.denied", ("没有权限", "You may not do this."), ASK)
OutsideJurisdiction = problem(
    403, "access.outside-jurisdiction", ("不在您的管辖范围", "This is outside your jurisdiction."), ASK
)
