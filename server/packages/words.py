"""What the codes of a package are called on its pages: Chinese words, and moments in civil time."""

from collections.abc import Iterable
from datetime import datetime

from server import clock

STATES = {
    "open": "填报中",
    "signed": "已签名",
    "under_review": "待审核",
    "returned": "已退回",
    "conflicted": "多个版本待合并",
    "final": "已办结",
}
LEVELS = {
    "signed": "设备签名有效",
    "unsigned": "无设备签名",
    "invalid_signature": "设备签名无效",
    "unknown_algorithm": "签名算法未知，未核对",
}
VERDICTS = {"accepted": "通过", "returned": "退回"}
ROLES = {"co_inspector": "协检"}
FLAGS = {
    "task_withdrawn": "任务已撤回",
    "task_reassigned": "任务已改派",
    "not_assigned": "非任务人员",
    "task_done": "任务已完成后新增",
    "late_addendum": "办结后补充",
    "signature_invalid": "设备签名无效",
    "algorithm_unknown": "签名算法未知",
    "device_differs": "由另一台手机上传",
    "form_not_of_task": "非本任务表单",
    "parent_unknown": "缺少前一版本",
    "beacon_unreadable": "时间信标无法核对",
    "beacon_after_receipt": "时间信标晚于收到时间",
    "mono_inconsistent": "手机计时前后不一",
    "clock_offset": "手机时钟偏差较大",
    "wall_before_beacon": "手机时钟早于时间信标",
    "wall_after_receipt": "手机时钟晚于收到时间",
    "wall_moved_backwards": "手机时钟倒退",
    "key_ended": "密钥终止后收到",
    "key_revoked": "密钥吊销后收到",
    "resolved_by_other": "由非主检人员合并",
}
DOUBTS = {"key_ended": "密钥终止后收到", "key_revoked": "密钥吊销起始时间后收到"}
TASK_STATES = {"assigned": "已派发", "open": "检查中", "done": "已完成", "withdrawn": "已撤回"}
RESULT_STATES = {"draft": "待确认", "confirmed": "已确认", "released": "已发布"}


def flags(raised: Iterable[str]) -> str:
    """Say flags in words."""
    return "、".join(FLAGS.get(flag, flag) for flag in raised) or "无"


def moment(moment: datetime | str | None) -> str:
    """Say a moment in the civil time of the country."""
    if not moment:
        return ""
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return read.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M:%S")
