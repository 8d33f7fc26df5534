"""Documents after a visit: the result of an item, the order to correct, the letter of transfer, the record of a second look.

Fields: domain research §2 (the forms of a provincial platform), §2.2 and §3.0. Legal bases are those of the published
item list and what the inspectors wrote down on site; how to appeal is the bureau's own text.
"""

from dataclasses import dataclass

from server.documents.fields import DataSet, stated
from server.documents.rows import Attachment, Inspector


@dataclass(frozen=True, kw_only=True)
class AfterVisit(DataSet):
    """What all documents about a result say."""

    task_no: str = stated("任务编号", required=True)
    task_name: str = stated("任务名称", required=True)
    object_name: str = stated("被检查单位（个人）", required=True)
    uscc: str = stated("统一社会信用代码")
    address: str = stated("住所（经营场所）", required=True, wide=True)
    legal_rep: str = stated("法定代表人（负责人）", required=True)
    inspected_on: str = stated("检查日期", required=True)
    item: str = stated("抽查事项", required=True)
    basis: str = stated("法律依据", required=True, wide=True)
    inspectors: tuple[Inspector, ...] = stated("检查人员", required=True, least=2)


@dataclass(frozen=True, kw_only=True)
class ResultSheet(AfterVisit):
    """随机抽查情况记录表: one item, its result and what is done about it."""

    plan_no: str = stated("计划文号")
    mode: str = stated("检查方式", required=True)
    result: str = stated("检查结果", required=True, wide=True)
    findings: str = stated("发现问题情况", wide=True)
    followups: str = stated("后续处置", required=True, wide=True)
    rectify_by: str = stated("整改期限")
    concluded: str = stated("处置是否完结", required=True)
    entry_due: str = stated("录入期限", required=True)
    version: str = stated("结果版本", required=True)
    correction: str = stated("更正理由", wide=True)
    confirmed: str = stated("录入（确认）人和时间", required=True)
    released: str = stated("审核人和时间", required=True)


@dataclass(frozen=True, kw_only=True)
class Rectification(AfterVisit):
    """责令改正通知书. `clause`: what the inspectors named on site; `demands`: what has to be put right."""

    findings: str = stated("违法事实", required=True, wide=True)
    clause: str = stated("违反的条款（现场记录）", wide=True)
    rectify_by: str = stated("改正期限", required=True)
    demands: str = stated("改正要求", required=True, entered=True, wide=True)
    remedies: str = stated("权利和救济途径", required=True, entered=True, wide=True)
    contact: str = stated("联系人和联系电话", required=True, entered=True)


@dataclass(frozen=True, kw_only=True)
class Transfer(AfterVisit):
    """移送函, or the letter that informs another department (抄告)."""

    to_body: str = stated("接收单位", required=True, entered=True)
    transfer_kind: str = stated("移送类别", required=True)
    findings: str = stated("案件线索和基本事实", required=True, wide=True)
    clause: str = stated("涉嫌违反的条款（现场记录）", wide=True)
    reason: str = stated("移送理由", required=True, entered=True, wide=True)
    attachments: tuple[Attachment, ...] = stated("随附材料", required=True)
    contact: str = stated("联系人和联系电话", required=True, entered=True)


@dataclass(frozen=True, kw_only=True)
class Revisit(AfterVisit):
    """复查记录: what was ordered, what was seen afterwards."""

    ordered: str = stated("原处置", required=True)
    findings: str = stated("原发现问题", required=True, wide=True)
    rectify_by: str = stated("整改期限")
    visit_no: str = stated("复查任务编号")
    revisited_on: str = stated("复查日期", required=True)
    revisitors: tuple[Inspector, ...] = stated("复查人员", required=True, least=2)
    outcome: str = stated("复查情况", required=True, wide=True)
    conclusion: str = stated("复查结论", required=True, entered=True)
