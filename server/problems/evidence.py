"""Refusals of media on its way (tus) and kept."""

from server.problems.table import ASK, FIX, RETRY, problem

DiskFull = problem(
    507,
    "store.full",
    ("服务器存储空间不足", "The server's storage is full."),
    (
        "文件仍在手机上，空间恢复后自动续传。",
        "The file is still on the phone and will resume when there is space.",
    ),
)
UploadWrongVersion = problem(
    412, "upload.wrong-version", ("上传协议版本不支持", "This version of tus is not spoken here."), FIX
)
UploadWrongContentType = problem(
    415,
    "upload.wrong-content-type",
    ("上传内容的类型不对", "The body is not of the type of an upload."),
    FIX,
)
UploadBadHeader = problem(
    400, "upload.bad-header", ("上传请求头有误", "A header of the upload is missing or wrong."), FIX
)
UploadTooLarge = problem(
    413,
    "upload.too-large",
    ("文件过大", "The file is too large."),
    ("请压缩或分段录制后再上传。", "Record it in parts or compress it."),
)
UploadOffsetMismatch = problem(
    409,
    "upload.offset-mismatch",
    ("续传位置不符", "The upload continues elsewhere."),
    ("请从 Upload-Offset 处继续。", "Go on at Upload-Offset."),
)
UploadNotFound = problem(
    404,
    "upload.not-found",
    ("没有这个上传任务", "No such upload."),
    ("请重新建立上传；文件仍在手机上。", "Create it anew; the file is still on the phone."),
)
UploadGone = problem(
    410,
    "upload.gone",
    ("上传任务已过期或已终止", "The upload has expired or was ended."),
    ("请重新建立上传；文件仍在手机上。", "Create it anew; the file is still on the phone."),
)
UploadLocked = problem(
    423, "upload.locked", ("另一个请求正在上传此文件", "Another request is writing this upload."), RETRY
)
UploadQuotaReached = problem(
    429,
    "upload.quota-reached",
    ("未完成的上传过多", "Too much is unfinished already."),
    (
        "请先完成或终止其他上传；文件仍在手机上，已收到的部分不受影响。",
        "Finish or end other uploads first. The file is still on the phone, and what came of others is kept.",
    ),
)
UploadInterrupted = problem(
    503,
    "upload.interrupted",
    ("上传中断", "The upload was cut."),
    (
        "已收到的部分已保留，请从 Upload-Offset 处继续。",
        "What came is kept. Go on at Upload-Offset.",
    ),
)
UploadChecksumMismatch = problem(
    460,
    "upload.checksum-mismatch",
    ("本次内容校验值不符", "The bytes of this request are not those of its checksum."),
    (
        "本次内容未计入，请从 Upload-Offset 处重发。",
        "They do not count. Send them again from Upload-Offset.",
    ),
)
MediaDigestMismatch = problem(
    460,
    "media.digest-mismatch",
    ("文件校验值不符", "The bytes are not those that were promised."),
    (
        "已收到的内容保留 24 小时备查；请重新建立上传。",
        "What came is kept for 24 hours. Create the upload anew.",
    ),
)
MediaNotFound = problem(404, "media.not-found", ("没有这个附件", "No such media."), ASK)
MediaNoPreview = problem(
    404,
    "media.no-preview",
    ("此附件没有预览图", "There is no preview of this."),
    ("原件完好保存，可下载查看。", "The original is kept and can be downloaded."),
)
MediaPreviewPending = problem(
    404,
    "media.preview-pending",
    ("预览尚未生成", "There is no preview yet."),
    ("原件已完好保存；预览稍后可用。", "The original is kept; its preview comes in a while."),
)
MediaUnprintable = problem(
    422,
    "media.unprintable",
    ("水印字库缺少其中的字", "The font of stamps lacks some of the characters."),
    (
        "未制作水印副本，以免印错；原件不受影响。",
        "No copy is made rather than a wrong one. The original is not affected.",
    ),
)
MediaNotLookedInto = problem(
    503, "media.not-looked-into", ("文件暂时无法处理", "The file can't be looked into now."), RETRY
)
MediaRangeWrong = problem(
    416, "media.range-wrong", ("请求的范围超出文件", "The range lies outside the file."), FIX
)
StoreUnavailable = problem(
    503, "store.unavailable", ("文件存储暂不可用", "The store does not answer now."), RETRY
)
