"""What the demo bureau published beside its plans: a work scheme, and a change of a plan, old beside new."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.demo.draw import PLANNED
from server.demo.loading import demo_actor
from server.planning.amendments import decide, propose, publish
from server.planning.models import PlannedInspection, WorkScheme
from server.planning.schemes import publish_scheme, write_scheme

# Somebody else than who proposed the change allowed it: nobody can sign in as either.
_APPROVER = UUID(int=1)
_PUT_OFF = "2023年度对测绘资质单位测绘资质的监督检查"
_REASON = "与市级部门联合抽查合并实施，检查时间顺延"
_SCHEME = """一、抽查依据：《中华人民共和国测绘法》《测绘地理信息质量管理办法》。
二、抽查对象：全县持有测绘资质的企事业单位，按年度计划确定的比例随机抽取。
三、抽查内容：测绘成果质量、质量管理制度及其执行情况。
四、抽查方式：实地核查与书面检查相结合，执法检查人员不少于两名，检查前出示执法证件。
五、结果公示：检查结束之日起二十个工作日内公示检查结果。"""


def load_demo_publications(session: Session) -> None:
    """Publish a work scheme and change a plan, unless that was done before. Needs the plans; nothing drawn is touched."""
    actor = demo_actor(session)
    planned = session.scalars(select(PlannedInspection).where(PlannedInspection.name == PLANNED)).one()
    if session.scalar(select(WorkScheme.number).where(WorkScheme.planned_id == planned.id).limit(1)):
        return
    write_scheme(session, actor, planned.id, "2023年度测绘成果质量监督检查工作方案", _SCHEME)
    publish_scheme(session, actor, planned.id)
    other = session.scalars(select(PlannedInspection).where(PlannedInspection.name == _PUT_OFF)).one()
    change = {"action": "change", "planned": str(other.id), "set": {"window": "2023年10月1日—2023年11月30日"}}
    amendment = propose(session, actor, planned.plan_id, _REASON, [change])
    approver = replace(actor, person_id=_APPROVER)
    decide(session, approver, amendment.id, approve=True, answer="同意", approval_no="阳自然资函〔2023〕27号")
    publish(session, actor, amendment.id)
