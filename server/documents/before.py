"""Documents before a visit: the approval of the head of the bureau, and the notice to whoever is inspected.

Fields: domain research §3.0 and §7.3 (国办发〔2024〕54号, the questions and answers of the Ministry of Justice and its
templates of 2025): approved in advance by the head, urgent ones afterwards; basis, object, source of the task, frequency,
certificates, number of those who help, right to ask for recusal, remedies.
"""

from dataclasses import dataclass

from server.documents.fields import DataSet, stated
from server.documents.rows import Inspector, Item


@dataclass(frozen=True, kw_only=True)
class BeforeVisit(DataSet):
    """What approval and notice have in common."""

    object_name: str = stated("被检查单位（个人）", required=True)
    uscc: str = stated("统一社会信用代码")
    address: str = stated("住所（经营场所）", required=True, wide=True)
    legal_rep: str = stated("法定代表人（负责人）", required=True)
    phone: str = stated("联系电话")
    task_no: str = stated("任务编号", required=True)
    task_name: str = stated("任务名称", required=True)
    source: str = stated("任务来源", required=True)
    plan_no: str = stated("计划文号")
    mode: str = stated("检查方式", required=True)
    period: str = stated("检查时间", required=True)
    frequency: str = stated("年度检查频次", required=True, wide=True)
    inspectors: tuple[Inspector, ...] = stated("检查人员", required=True, least=2)
    assistants: str = stated("协助人员（人数和单位）", required=True, entered=True)
    items: tuple[Item, ...] = stated("检查事项", required=True)


@dataclass(frozen=True, kw_only=True)
class Approval(BeforeVisit):
    """行政检查审批表. The opinions are written by hand, or in the bureau's own office system."""

    inspection_type: str = stated("检查类型（日常、个案、专项）", required=True, entered=True)
    reason: str = stated("检查事由", required=True, entered=True, wide=True)
    urgent_reason: str = stated("紧急检查理由（先检查后补批的）", wide=True)


@dataclass(frozen=True, kw_only=True)
class Notice(BeforeVisit):
    """行政检查通知书. `discipline` and `remedies` are the bureau's own words (rules of its documents)."""

    approval_no: str = stated("行政检查审批表编号")
    place: str = stated("检查地点", required=True, wide=True)
    materials: str = stated("请准备的材料", entered=True, wide=True)
    discipline: str = stated("检查纪律（五个严禁）", required=True, entered=True, wide=True)
    remedies: str = stated("权利和救济途径", required=True, entered=True, wide=True)
    contact: str = stated("联系人和联系电话", required=True, entered=True)
