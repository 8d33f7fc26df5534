"""The items that the shipped forms inspect, and how plans write them.

A code is the name of the item's group of conclusions in its form.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_BLANK = re.compile(r"\s+")
_ENDING = "；;。，,、"


@dataclass(frozen=True)
class StandardItem:
    """One item of the list that ships: code, name, form, legal basis, what is looked at, other spellings."""

    code: str
    name: str
    form_id: str
    basis: str
    content: str
    aliases: tuple[str, ...]


STANDARD_ITEMS = (
    StandardItem(
        "MINE_OVERSTEP",
        "矿山超层越界检查",
        "mine_overstep",
        "《中华人民共和国矿产资源法》",
        "是否在登记的矿区范围和开采标高之内开采",
        ("超层越界检查", "对矿山超层越界的检查", "超层越界开采检查"),
    ),
    StandardItem(
        "BOUNDARY_MARKER",
        "对界桩的检查",
        "boundary_marker",
        "《中华人民共和国矿产资源法》",
        "界桩是否存在、完好，位置是否与登记坐标一致",
        ("界桩检查", "矿区界桩检查", "界桩的检查"),
    ),
    StandardItem(
        "RECLAMATION_DEPOSIT",
        "复垦费预存情况",
        "land_reclamation",
        "《土地复垦条例》《土地复垦条例实施办法》",
        "土地复垦费用是否按规定和计划足额预存",
        ("土地复垦费预存情况", "复垦费用预存情况"),
    ),
    StandardItem(
        "RECLAMATION_LAND",
        "损毁土地复垦情况",
        "land_reclamation",
        "《土地复垦条例》《土地复垦条例实施办法》",
        "损毁土地是否按方案和阶段目标复垦",
        ("损毁土地的复垦情况",),
    ),
    StandardItem(
        "RECLAMATION_DUTY",
        "土地复垦义务人履行复垦义务情况",
        "land_reclamation",
        "《土地复垦条例》《土地复垦条例实施办法》",
        "复垦方案、费用、工程、报告和管护等义务是否履行",
        ("土地复垦义务履行情况", "履行土地复垦义务情况"),
    ),
    StandardItem(
        "QUALITY_ORG",
        "测绘质量管理机构设置情况的检查",
        "survey_quality",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "是否设置质量管理机构、明确质量负责人、配备专职质检人员",
        ("测绘质量管理机构设置", "测绘质量管理机构设置情况"),
    ),
    StandardItem(
        "QUALITY_SYSTEM",
        "质量管理制度建立情况的检查",
        "survey_quality",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "质量管理制度是否建立并执行",
        ("质量管理制度建立", "质量管理制度建立情况", "测绘质量管理制度建立情况的检查"),
    ),
    StandardItem(
        "INSTRUMENTS",
        "仪器设备检定情况的检查",
        "survey_quality",
        "《中华人民共和国计量法》《测绘资质管理办法》",
        "在用仪器设备是否在检定或校准有效期内",
        ("仪器设备检定", "仪器设备检定情况"),
    ),
    StandardItem(
        "QUALITY_RESULT",
        "测绘质量",
        "survey_quality",
        "《中华人民共和国测绘法》《测绘地理信息质量管理办法》",
        "抽查项目的成果质量是否合格",
        ("测绘成果质量", "测绘成果质量的检查"),
    ),
    StandardItem(
        "QUALIFICATION",
        "测绘资质",
        "survey_qualification",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "是否持续符合测绘资质条件",
        ("测绘资质条件", "测绘资质条件的检查"),
    ),
    StandardItem(
        "STAFF_CERTIFICATES",
        "测绘人员持证测绘情况的检查",
        "survey_qualification",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "测绘人员是否持证测绘，专业技术人员是否在岗",
        ("测绘人员持证测绘", "测绘人员持证测绘情况"),
    ),
    StandardItem(
        "QUALIFICATION_INSTRUMENTS",
        "仪器、设备检定情况的检查",
        "survey_qualification",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "资质所需仪器、设备是否在检定或校准有效期内",
        ("仪器、设备检定", "仪器、设备检定情况"),
    ),
    StandardItem(
        "PROJECT_REGISTRATION",
        "测绘项目登记、成果汇交情况的检查",
        "survey_qualification",
        "《中华人民共和国测绘法》《中华人民共和国测绘成果管理条例》",
        "测绘项目是否登记备案，成果是否按规定汇交",
        ("测绘项目登记、成果汇交", "测绘项目备案登记", "测绘项目登记、备案"),
    ),
    StandardItem(
        "RESULT_DELIVERY_CHECK",
        "测绘成果汇交",
        "survey_qualification",
        "《中华人民共和国测绘成果管理条例》",
        "完成的测绘项目是否按规定汇交成果",
        ("成果汇交", "测绘成果汇交情况", "测绘项目登记、成果汇交情况的检查", "测绘项目登记、成果汇交"),
    ),
    StandardItem(
        "ARCHIVES",
        "测绘资料档案管理情况的检查",
        "survey_qualification",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "资料档案管理制度、库房、台账和借阅登记",
        ("测绘资料档案管理", "测绘资料档案管理情况"),
    ),
    StandardItem(
        "SECRECY",
        "保密管理",
        "survey_qualification",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "保密制度、人员、场所和设备是否符合要求",
        ("测绘保密管理", "保密管理情况"),
    ),
    StandardItem(
        "QUALITY",
        "质量管理",
        "survey_qualification",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "质量管理体系是否建立并运行",
        ("测绘质量管理",),
    ),
    StandardItem(
        "AERIAL_PHOTOGRAPHY",
        "航空摄影活动",
        "survey_qualification",
        "《中华人民共和国测绘法》",
        "航空摄影是否经审批并按批准的范围实施",
        ("相对独立的空摄影活动", "航空摄影"),
    ),
    StandardItem(
        "LOCAL_COORDINATES",
        "相对独立的平面坐标系统",
        "survey_qualification",
        "《中华人民共和国测绘法》",
        "是否使用未经批准的相对独立的平面坐标系统",
        ("相对独立的平面坐标系系统",),
    ),
    StandardItem(
        "FOREIGN_SURVEYING",
        "外国组织或个人来华测绘",
        "survey_qualification",
        "《外国的组织或者个人来华测绘管理暂行办法》",
        "是否有未经批准的来华测绘活动",
        ("外国的组织或个人来华测绘", "外国的组织或者个人来华测绘"),
    ),
    StandardItem(
        "CREDIT",
        "测绘地理信息行业信用信息",
        "survey_qualification",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "信用信息是否真实、及时",
        ("信用信息",),
    ),
    StandardItem(
        "SAFETY",
        "测绘行业安全生产",
        "survey_qualification",
        "《中华人民共和国安全生产法》",
        "安全生产制度、培训和作业安全",
        ("安全生产",),
    ),
    StandardItem(
        "BASE_STATIONS",
        "卫星导航定位基准站建设和运行维护",
        "survey_qualification",
        "《中华人民共和国测绘法》",
        "基准站是否备案，数据安全措施是否落实",
        ("卫星定位导航基准建设和运行维护", "卫星定位导航基准站建设和运行维护"),
    ),
    StandardItem(
        "REGISTERED_SURVEYORS",
        "注册测绘师制度的实施",
        "survey_qualification",
        "《中华人民共和国测绘法》《测绘资质管理办法》",
        "注册测绘师是否在成果上签字盖章",
        ("注册测绘师制度", "注册测绘师制度实施"),
    ),
    StandardItem(
        "MARKET",
        "测绘市场",
        "survey_qualification",
        "《中华人民共和国测绘法》",
        "是否超越资质、转包、挂靠或以不正当低价承揽",
        ("测绘市场行为",),
    ),
    StandardItem(
        "SECRET_KEEPING",
        "测绘成果保管制度",
        "secret_results",
        "《中华人民共和国保守国家秘密法》《中华人民共和国测绘成果管理条例》",
        "保管制度和保管场所是否符合要求",
        ("测绘成果资料的保管制度，是否造成测绘成果资料损毁、散失", "保管制度"),
    ),
    StandardItem(
        "SECRET_DAMAGE",
        "是否造成测绘成果损毁、散失",
        "secret_results",
        "《中华人民共和国保守国家秘密法》《中华人民共和国测绘成果管理条例》",
        "领取的成果是否损毁、散失",
        ("是否损毁、散失", "测绘成果资料的保管制度，是否造成测绘成果资料损毁、散失"),
    ),
    StandardItem(
        "SECRET_TRANSFER",
        "是否擅自转让汇交成果",
        "secret_results",
        "《中华人民共和国保守国家秘密法》《中华人民共和国测绘成果管理条例》",
        "是否擅自转让、转借汇交的成果",
        ("是否有擅自转让汇交的测绘成果资料",),
    ),
    StandardItem(
        "SECRET_PROVISION",
        "是否违法提供测绘成果",
        "secret_results",
        "《中华人民共和国保守国家秘密法》《中华人民共和国测绘成果管理条例》",
        "是否违法向他人提供成果",
        ("是否有违法提供测绘成果资料", "是否违法提供成果"),
    ),
    StandardItem(
        "SECRET_FOUNDATION",
        "基础测绘成果使用情况",
        "secret_results",
        "《中华人民共和国保守国家秘密法》《中华人民共和国测绘成果管理条例》",
        "是否按批准的目的和范围使用",
        (),
    ),
    StandardItem(
        "SECRET_LIFECYCLE",
        "涉密地理信息成果重点环节管理情况",
        "secret_results",
        "《中华人民共和国保守国家秘密法》《中华人民共和国测绘成果管理条例》",
        "生产、保管、复制、转借、销毁等重点环节的管理",
        (
            "涉密地理信息成果生产、保管、复制、转借、销毁等重点环节管理情况",
            "涉密地理信息成果生产、保管、复制、转借、销毁等重点环节管理",
        ),
    ),
    StandardItem(
        "SECRET_PROCESSING",
        "是否违反保密规定加工、处理、利用",
        "secret_results",
        "《中华人民共和国保守国家秘密法》《中华人民共和国测绘成果管理条例》",
        "加工、处理和利用是否符合保密规定",
        (
            "是否违反保密规定加工、处理和利用涉密测绘成果,存在失泄密隐患",
            "是否违反保密规定加工、处理、利用，存在失泄密隐患",
        ),
    ),
    StandardItem(
        "SECRET_STAFF",
        "人员教育培训及涉密人员持证上岗",
        "secret_results",
        "《中华人民共和国保守国家秘密法》《中华人民共和国测绘成果管理条例》",
        "人员教育培训和涉密人员持证上岗",
        ("涉密地理信息成果生产、使用、管理人员教育培训及涉密人员持证上岗情况",),
    ),
    StandardItem(
        "GEO_ACTIVITY",
        "地质勘查单位勘查活动检查",
        "geo_exploration",
        "《地质勘查活动监督管理办法（试行）》",
        "勘查项目的设计、野外工作、原始资料和安全生产",
        ("地质勘查活动检查",),
    ),
    StandardItem(
        "HAZARD_QUALIFICATION",
        "地灾资质单位资质监督检查",
        "geo_exploration",
        "《地质灾害防治条例》",
        "是否持续符合地质灾害防治资质条件",
        ("地质灾害防治单位资质监督检查",),
    ),
    StandardItem(
        "PUBLICITY_TRUTH",
        "公示信息的真实性",
        "mr_publicity",
        "《矿业权人勘查开采信息管理办法》",
        "公示的信息是否真实、完整、及时",
        ("矿业权人公示信息的真实性", "矿业权人公示信息的真实性、履行义务情况"),
    ),
    StandardItem(
        "PUBLICITY_DUTIES",
        "履行义务情况",
        "mr_publicity",
        "《矿业权人勘查开采信息管理办法》",
        "费用缴纳、资料汇交等法定义务是否履行",
        ("矿业权人履行义务情况", "矿业权人公示信息的真实性、履行义务情况"),
    ),
    StandardItem(
        "VALUATION_REPORTS",
        "估价机构备案报告质量",
        "land_valuation",
        "《中华人民共和国资产评估法》",
        "抽查的估价报告质量",
        ("土地估价报告质量", "估价机构备案报告质量、相关经营行为"),
    ),
    StandardItem(
        "VALUATION_CONDUCT",
        "相关经营行为",
        "land_valuation",
        "《中华人民共和国资产评估法》",
        "机构和人员的执业行为",
        ("土地估价机构经营行为", "估价机构备案报告质量、相关经营行为"),
    ),
    StandardItem(
        "PLANNING_CONDITIONS",
        "城乡规划编制单位资质条件",
        "planning_unit",
        "《中华人民共和国城乡规划法》",
        "法定代表人、主要技术人员、注册规划师、专业技术人员、工作场所等有无变化，是否符合资质条件",
        (
            "抽查编制单位法定代表人和主要技术人员、注册规划师、专业技术人员等工作场所等有无变化，是否符合相应资质的规定条件",
            "编制单位法定代表人和主要技术人员、注册规划师、专业技术人员、工作场所等有无变化，是否符合相应资质条件",
        ),
    ),
    StandardItem(
        "MAP_AS_REVIEWED",
        "公开地图是否按审核要求修改",
        "map_review",
        "《地图管理条例》《地图审核管理规定》",
        "已公开的地图是否按审核要求修改",
        ("核查已向社会公开的地图,是否按照审核要求修改",),
    ),
    StandardItem(
        "MAP_FORGED_APPLICATION",
        "是否弄虚作假、伪造申请材料骗取批准",
        "map_review",
        "《地图管理条例》《地图审核管理规定》",
        "申请材料是否真实",
        ("是否弄虚作假、伪造申请材料骗取地图审核批准文件",),
    ),
    StandardItem(
        "MAP_FORGED_NUMBER",
        "是否伪造、冒用批准文件和审图号",
        "map_review",
        "《地图管理条例》《地图审核管理规定》",
        "批准文件和审图号是否真实",
        ("是否伪造、冒用地图审核批准文件和审图号",),
    ),
    StandardItem(
        "MAP_NUMBER_MARKED",
        "是否在适当位置显著标注审图号",
        "map_review",
        "《地图管理条例》《地图审核管理规定》",
        "审图号的标注",
        ("核查是否未在地图的适当位置显著标注审图号", "是否未在适当位置显著标注审图号"),
    ),
    StandardItem(
        "MAP_SAMPLE_FILED",
        "是否按规定送交样本备案",
        "map_review",
        "《地图管理条例》《地图审核管理规定》",
        "样本是否送交备案",
        ("核查是否未按照有关规定送交样本,进行备案", "是否未按规定送交样本、备案"),
    ),
    StandardItem(
        "MAP_CONTENT_CHANGED",
        "核准后改动内容是否重新送审",
        "map_review",
        "《地图管理条例》《地图审核管理规定》",
        "核准后的改动是否重新送审",
        (),
    ),
    StandardItem(
        "MAP_PROBLEM",
        "是否存在问题地图",
        "map_review",
        "《地图管理条例》《地图审核管理规定》",
        "国界、重要岛屿等表示是否正确",
        ("问题地图",),
    ),
    StandardItem(
        "RESULT_DELIVERY",
        "测绘成果是否及时、规范汇交",
        "result_delivery",
        "《中华人民共和国测绘成果管理条例》",
        "以汇交凭证为依据，核查是否及时、规范汇交",
        (
            "测绘成果是否按要求及时、规范汇交。根据被检单位的产值和项目备案情况确定项目数量,再依据《中华人民共和国测绘成果管理条例》和《河北省地理信息局关于加强地理信息成果资料管理工作的通知》（冀地信〔2012〕17号）要求确定汇交内容和范围。以被检单位的汇交凭证作为汇交依据，确定其是否及时、规范汇交",
            "是否及时、规范汇交",
        ),
    ),
    StandardItem(
        "JOINT_NATURAL",
        "自然资源部门联合检查",
        "joint_visit",
        "《中华人民共和国矿产资源法》",
        "联合检查中由自然资源部门负责的事项",
        (),
    ),
    StandardItem(
        "ENERGY_ANNOUNCEMENT",
        "能源局对生产公告要素的检查",
        "joint_visit",
        "《煤矿生产能力管理办法》",
        "矿井名称、核定能力、证照有效期和公告状态",
        ("生产公告要素的检查",),
    ),
    StandardItem(
        "EMERGENCY_SAFETY",
        "应急局对工作职责范围内煤炭安全生产等事项的检查",
        "joint_visit",
        "《中华人民共和国安全生产法》",
        "应急管理部门职责范围内的安全生产事项",
        ("煤炭安全生产等事项的检查", "应急局对职责范围内煤炭安全生产等事项的检查"),
    ),
)


def spelling(text: str) -> str:
    """Bring an item's text to the one spelling it is compared in: no blanks, no mark at the end."""
    return _BLANK.sub("", text).rstrip(_ENDING)


def spellings(name: str, aliases: Iterable[str]) -> set[str]:
    """Return every spelling that means an item."""
    return {spelling(name), *(spelling(alias) for alias in aliases)}
