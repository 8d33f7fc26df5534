"""Why something is in quarantine, and what it would take to admit it, in words for the desk."""

from typing import Final

from forms.geodesy import Words

UNKNOWN: Final = Words(
    "内容无法识别，只能保存、下载或搁置。",
    "It can't be read: it can be kept, downloaded or dismissed, no more.",
)
_XML: Final = Words(
    "表单内容（XML）无法读取，只能保存、下载或搁置。",
    "Its answers (XML) can't be read: it can be kept, downloaded or dismissed, no more.",
)
REASONS: Final = {
    "author.differs": Words(
        "由他人封存，与发送人不同。作者是本单位人员且其设备签名成立时，可作为作者的版本接收。",
        "Somebody else sealed it than sent it. If that is a person of ours and the signature of their device holds, it"
        " can be admitted as the author's.",
    ),
    "device.unknown": Words(
        "封存它的设备从未登录过。接收后带“设备未知”标记，签名无法核验。",
        "It was sealed on a device that nobody signed in on. Admitted, it is flagged, and its signature can't be checked.",
    ),
    "task.unknown": Words(
        "所指任务不存在，或不在发送人辖区。任务不存在时，接收须指定它所属的任务。",
        "The task it names does not exist, or is not of the sender's region. Where there is none, name the one it belongs to.",
    ),
    "record.foreign": Words(
        "所指记录属于另一任务，或发送人不在该任务上。接收后归入该记录所属任务，并带标记。",
        "The record it names is of another task, or its sender was never on that task. Admitted, it joins the record,"
        " flagged.",
    ),
    "record.form-differs": Words(
        "同一记录换了另一张表单。一条记录只有一张表单，不能接收；请检查人员用该表单新建记录。",
        "It fills another form under the id of a record. A record has one form: it can't be admitted; the inspector begins"
        " a record with that form.",
    ),
    "form.version-unknown": Words(
        "表单版本从未在此发布，发布后将自动重新判定；发布前不能接收。",
        "This version of the form was never published here. It is judged again by itself once it is, and can't be"
        " admitted before.",
    ),
    "base.unknown": Words(
        "它更正的那份记录尚未送达，送达后将自动归入。也可先作为该记录的首个版本接收。",
        "What it corrects has not come; once it has, this joins it by itself. It can be admitted before, as the record's first"
        " version.",
    ),
    "base.stale": Words(
        "它更正的版本已被更新的版本取代。接收后两个版本并列，由主检合并。",
        "The version it corrects was replaced meanwhile. Admitted, both stand side by side, for the lead inspector to merge.",
    ),
    "instance.no-id": Words(
        "提交的内容没有编号（instanceID），只能保存、下载或搁置。",
        "It has no instanceID: it can be kept, downloaded or dismissed, no more.",
    ),
    "item.failed": Words(
        "服务器处理时出错，原始数据已保存。是可读的版本时可再次接收。",
        "The server failed at it and kept it as it came. A revision that can be read can be admitted.",
    ),
}


def explain(code: str) -> Words:
    """Say in words why something is in quarantine."""
    if code.startswith("xml."):
        return _XML
    return REASONS.get(code, UNKNOWN)
