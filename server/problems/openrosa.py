"""Refusals of stock ODK phones."""

from server.problems.table import ASK, FIX, problem

OpenrosaKeyDead = problem(
    403,
    "openrosa-key.dead",
    ("此地址已停用或不完整", "This address was ended, or is not whole."),
    (
        "手机中的数据不受影响，请向管理员索取新的二维码。",
        "What is on the phone is not touched. Ask for a new QR code.",
    ),
)
OpenrosaPhoneDiffers = problem(
    403,
    "openrosa-key.phone-differs",
    ("此地址已由另一台手机使用", "Another phone uses this address."),
    (
        "手机中的数据不受影响。换机或重装后，请管理员解除原手机的绑定，地址不变。",
        "What is on the phone is not touched. After a change of phones let your administrator release the other one; the address stays.",
    ),
)
OpenrosaKeyNotFound = problem(404, "openrosa-key.not-found", ("没有这个地址", "No such key."), ASK)
OpenrosaKeyEnded = problem(
    409,
    "openrosa-key.ended",
    ("此地址已停用", "This key was ended."),
    ("请另发一个。", "Make a new one."),
)
OpenrosaPersonUnfit = problem(
    422,
    "openrosa-key.person-unfit",
    ("此人不是在岗的检查人员", "This person is no active inspector."),
    FIX,
)
SubmissionNoXml = problem(
    400,
    "submission.no-xml",
    ("提交中没有表单内容", "The submission has no XML."),
    ("请在手机上重新发送。", "Send it again from the phone."),
)
SubmissionBroken = problem(
    400,
    "submission.broken",
    ("提交在途中中断", "The submission broke off on its way."),
    ("手机会自动重新发送。", "The phone sends it again."),
)
SubmissionPacked = problem(
    415,
    "submission.packed",
    ("提交经过压缩，服务器只收未压缩的", "The submission is compressed; only what is not is taken."),
    (
        "手机中的数据不受影响。请在发送的应用或代理上关闭压缩，再重新发送。",
        "What is on the phone is not touched. Turn compression off in the application or proxy that sends, and send it again.",
    ),
)
FormNoneOffered = problem(
    503,
    "form.none-offered",
    ("服务器上没有已发布的表单", "No form is published here."),
    ("手机上的表单保持不变，请联系管理员。", "The forms on the phone stay. Tell your administrator."),
)
FileNotOfForm = problem(404, "form.file-not-found", ("该表单没有这个文件", "The form has no such file."), ASK)
