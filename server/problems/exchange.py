"""Refusals of phones: push and pull."""

from server.problems.table import ASK, problem

PushUnreadable = problem(
    400,
    "push.unreadable",
    ("推送内容无法读取", "The push can't be read."),
    ("数据仍在手机上，请减少条数后重试。", "The data is still on the phone; send smaller halves."),
)
PushTooLarge = problem(
    413,
    "push.too-large",
    ("一次推送过多", "Too much in one push."),
    ("请减半后重试。", "Send half."),
)
SyncInFlight = problem(
    429,
    "sync.in-flight",
    ("这部手机的上一次同步还在进行", "This phone's last sync is still going on."),
    ("请稍后重试。", "Retry a little later."),
)
EpochDiffers = problem(
    409,
    "epoch.differs",
    ("服务器数据已恢复到另一时期", "The server began a new epoch."),
    ("手机将自动核对并补传。", "The phone offers again what it holds."),
)
FeedReset = problem(
    410,
    "feed.reset",
    ("同步位置已失效", "The cursor is no longer good."),
    ("请从头拉取；待发送的数据不受影响。", "Pull from zero; the outbox is not touched."),
)
DigestTooOften = problem(
    429,
    "digest.too-often",
    ("核对过于频繁", "The view is compared too often."),
    ("请过后再核对；拉取和推送不受影响。", "Compare later; pulling and pushing go on."),
)
BlobNotFound = problem(404, "blob.not-found", ("没有这个内容", "No such content."), ASK)
