"""What a stock phone shows to its inspector when a submission came: Chinese first, short, one message."""

from collections.abc import Collection, Sequence

from sync import Outcome

_REASONS = {
    "task.unknown": "没有找到对应的任务",
    "form.version-unknown": "表单版本未在此发布",
    "record.foreign": "所属记录不是您的任务",
    "base.unknown": "所更正的记录尚未送达，送达后自动归入",
    "base.stale": "所更正的版本已被更新的版本取代",
    "instance.no-id": "内容没有编号",
}


def arriving(have: int, expected: Sequence[str] | None) -> str:
    """Say that files are yet to come."""
    if expected is None:
        return f"已收到附件 {have} 个，请保持联网继续发送。 Received; more is to come."
    return (
        f"已收到附件 {have}/{len(expected)}，请保持联网继续发送。 {have} of {len(expected)} files are here."
    )


def taken(outcome: Outcome, files: int) -> str:
    """Say what became of a whole submission. What was found in it is told to the reviewer, too."""
    if outcome.outcome == "quarantined":
        return held(outcome.reason or "")
    parts = [f"已收到，附件 {files} 个。" if files else "已收到。"]
    if outcome.findings:
        parts.append(
            f"有 {len(outcome.findings)} 处请核对，例如：{outcome.findings[0].message.split(' / ')[0]}。"
        )
    if outcome.outcome == "accepted_late":
        parts.append("任务已变更，作为补充提交保存。")
    parts.append("Received.")
    return " ".join(parts)


def held(reason: str) -> str:
    """Say that it is kept, and that a person has to look at it."""
    why = _REASONS.get(reason, "内容无法直接归入记录")
    return f"已收到并完整保存，需由审核人员处理：{why}。 Received and kept; a reviewer has to look at it."


def again(files: Collection[str]) -> str:
    """Say that nothing of it was new."""
    return f"此前已收到，附件 {len(files)} 个。 Received before."
