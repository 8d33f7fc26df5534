"""The on-site record (现场检查笔录), from the exact bytes that were sealed on the phone.

Fields: domain research §3.0. `rev` is the hash of those bytes; the pictures of the signatures are named by it, and
whoever sealed or co-signed it signed it.
"""

from dataclasses import dataclass

from server.documents.fields import DataSet, Missing, stated
from server.documents.rows import (
    Assistant,
    Conclusion,
    Evidence,
    Inspector,
    Material,
    Order,
    Section,
    Signature,
    Vouching,
)


@dataclass(frozen=True, kw_only=True)
class OnSiteRecord(DataSet):
    """现场检查笔录. The party signs or seals, or `refused` says that it would not, with a reason and a witness."""

    task_no: str = stated("任务编号", required=True)
    task_name: str = stated("任务名称", required=True)
    plan_no: str = stated("计划文号")
    source: str = stated("任务来源", required=True)
    approval_no: str = stated("行政检查审批表编号")
    notice_no: str = stated("行政检查通知书编号")
    notice_served_on: str = stated("通知书送达日期")
    urgent_reason: str = stated("紧急检查理由", wide=True)
    entry_code: str = stated("入企检查码")
    frequency: str = stated("年度检查频次", required=True)
    mode: str = stated("检查方式", required=True)
    object_name: str = stated("被检查单位（个人）", required=True, wide=True)
    uscc: str = stated("统一社会信用代码")
    legal_rep: str = stated("法定代表人（负责人）", required=True)
    address: str = stated("住所（经营场所）", required=True, wide=True)
    site_person: str = stated("现场负责人", required=True)
    site_person_role: str = stated("职务", required=True)
    site_person_auth: str = stated("身份或授权说明", wide=True)
    started_at: str = stated("检查开始时间", required=True)
    ended_at: str = stated("检查结束时间", required=True)
    place: str = stated("检查地点", required=True, wide=True)
    position: str = stated("地点坐标", wide=True)
    weather: str = stated("天气情况")
    recorder: str = stated("记录人", required=True)
    inspectors: tuple[Inspector, ...] = stated("检查人员", required=True, least=2)
    assistants: tuple[Assistant, ...] = stated("协助人员和专家")
    told: str = stated("已告知事项", required=True, wide=True)
    recusal: str = stated("是否申请回避", required=True)
    recusal_decision: str = stated("回避处理情况", wide=True)
    discipline_told: str = stated("已告知“五个严禁”")
    recording_told: str = stated("已告知录音录像")
    materials: tuple[Material, ...] = stated("要求提供的材料")
    conclusions: tuple[Conclusion, ...] = stated("检查事项和结论", required=True)
    sections: tuple[Section, ...] = stated("检查记录")
    situation: str = stated("检查情况", required=True, wide=True)
    orders: tuple[Order, ...] = stated("当场责令改正")
    party_opinion: str = stated("被检查人意见", required=True, wide=True)
    party_confirm: str = stated("被检查人确认")
    refused: str = stated("拒签或不在场")
    refuse_reason: str = stated("拒签或不在场的原因", wide=True)
    witness: str = stated("见证人", wide=True)
    signatures: tuple[Signature, ...] = stated("签名", required=True, least=2)
    vouching: tuple[Vouching, ...] = stated("数字签名")
    evidence: tuple[Evidence, ...] = stated("现场取证")
    form: str = stated("表单版本")
    rev: str = stated("记录内容 SHA-256", required=True, wide=True)

    def missing(self) -> list[Missing]:
        """List what is missing; the party signs or seals, or it is said why not and who saw it (拒签须有见证)."""
        found = super().missing()
        signers = {each.role for each in self.signatures}
        if self.refused == "是":
            wanted = {"refuse_reason": self.refuse_reason, "witness": self.witness}
            labels = {"refuse_reason": "拒签或不在场的原因", "witness": "见证人"}
            found += [Missing(name, labels[name], entered=False) for name, text in wanted.items() if not text]
            if "见证人" not in signers:
                found.append(Missing("signatures", "见证人签名", entered=False))
        elif not signers & {"被检查单位代表", "被检查单位公章"}:
            found.append(Missing("signatures", "被检查单位签名或公章", entered=False))
        return found
