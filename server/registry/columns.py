"""The columns of imported workbooks, by the names bureaus and platforms give them."""

from server.registry.models import ItemKind, ItemMode, LicenceKind, ObjectKind
from server.workbook import Column

OBJECTS = (
    Column(
        "name",
        ("名称", "检查对象名称", "企业名称", "主体名称", "矿山名称", "单位名称", "检查对象", "对象名称"),
        required=True,
    ),
    Column(
        "uscc",
        ("统一社会信用代码", "统一社会信用代码/注册号", "信用代码", "统一代码", "统一代码/注册号"),
        required=True,
    ),
    Column("kind", ("对象类别", "对象类型", "检查对象类别", "检查对象大类")),
    Column("registration_no", ("注册号",)),
    Column("region", ("行政区划代码", "区划代码")),
    Column("address", ("住所", "地址", "住所地", "经营地址")),
    Column("legal_representative", ("法定代表人", "法人代表", "法定代表人/负责人", "负责人")),
    Column("phone", ("联系电话", "电话", "手机")),
    Column("risk_class", ("风险等级", "信用风险等级", "信用风险分类", "风险类别")),
    Column("tags", ("标签", "监管标签", "对应专项库监管标签")),
    Column("risk_source", ("风险评定单位", "风险等级来源")),
    Column("risk_since", ("风险评定日期",)),
    Column("latitude", ("纬度",)),
    Column("longitude", ("经度",)),
    Column("owner", ("所属主体", "所属单位")),
    Column("library", ("专项库名称", "专项库")),
    Column("entity_type", ("主体类型", "主体类别")),
    Column("registrar", ("登记机关",)),
    Column("registration_status", ("登记状态",)),
    Column("established_on", ("成立日期",)),
    Column("station", ("属地监管所",)),
    Column("district", ("责任片区",)),
    Column("source", ("数据来源",)),
    Column("specialised", ("专业监管",)),
    Column("qualifications", ("专业资质资格",)),
    Column("experts", ("配备专家", "配备专家(组长)")),
    Column("licence_kind", ("许可证类别", "许可证名称", "证照名称")),
    Column(
        "licence_no", ("许可证号", "许可证编号", "采矿许可证号", "勘查许可证号", "测绘资质证书号", "证书编号")
    ),
    Column("holder", ("持证人", "采矿权人", "探矿权人", "矿业权人")),
    Column("issuer", ("发证机关", "许可发证机关")),
    Column("valid_from", ("有效期起", "许可批准日期", "有效期自")),
    Column("valid_to", ("有效期止", "有效期至", "有效期")),
    Column("mineral", ("开采矿种", "矿种", "勘查矿种")),
    Column("method", ("开采方式",)),
    Column("scale", ("生产规模", "设计规模")),
    Column("grade", ("资质等级", "等级")),
    Column("scope", ("专业范围", "资质范围")),
    Column("area_km2", ("矿区面积", "面积", "登记面积")),
    Column("elevation", ("开采标高", "开采深度", "标高")),
    Column("elevation_upper", ("开采标高上限", "标高上限")),
    Column("elevation_lower", ("开采标高下限", "标高下限")),
    Column("corners", ("拐点坐标", "矿区范围拐点坐标", "矿区拐点坐标", "拐点")),
    Column("zone", ("带号", "分带")),
)

MARKERS = (
    Column("licence_no", ("许可证号", "采矿许可证号", "许可证编号"), required=True),
    Column("marker_no", ("界桩编号", "界桩号"), required=True),
    Column("x", ("X坐标", "X", "纵坐标", "纵坐标X"), required=True),
    Column("y", ("Y坐标", "Y", "横坐标", "横坐标Y"), required=True),
    Column("corner", ("对应拐点号", "拐点号", "对应拐点")),
    Column("kind", ("界桩类型", "类型")),
    Column("elevation", ("高程",)),
)

INSPECTORS = (
    Column("username", ("用户名", "账号", "登录名"), required=True),
    Column("name", ("姓名",), required=True),
    Column("number", ("执法证号", "执法证编号", "部门执法证编号", "证号"), required=True),
    Column("valid_to", ("有效期止", "有效期至", "有效期", "执法证有效期", "部门执法证有效期"), required=True),
    Column("issuer", ("发证机关",)),
    Column("valid_from", ("有效期起", "发证日期")),
    Column("certificate_kind", ("执法证类别",)),
    Column("government_number", ("省政府执法证编号", "省政府执法证号")),
    Column("government_valid_to", ("省政府执法证有效期", "省政府执法证有效期止")),
    Column("role", ("人员类别", "角色", "岗位")),
    Column("gender", ("性别",)),
    Column("born", ("出生年月",)),
    Column("phone", ("手机", "联系电话")),
    Column("work_no", ("工号", "内部编号")),
    Column("unit", ("工作单位",)),
    Column("department", ("业务部门",)),
    Column("function", ("部门职能",)),
    Column("duty", ("职务",)),
    Column("post_class", ("岗位大类",)),
    Column("district", ("管辖片区",)),
    Column("education", ("最高学历", "学历")),
    Column("major", ("学历专业", "专业")),
    Column("post_since", ("从事本岗位起始时间",)),
    Column("title", ("专业技术职称", "职称")),
    Column("qualifications", ("岗位资格资质",)),
    Column("scope", ("执法事项清单范围", "执法事项范围")),
    Column("tags", ("执法专长", "专长标签")),
    Column("exams_passed", ("考试合格年度",)),
    Column("exams_failed", ("考试不合格年度",)),
    Column("identity_no", ("身份证号", "身份证号码")),
)

# Further certificates of inspectors; the person is called differently so that no other table looks like it.
CERTIFICATES = (
    Column("holder", ("持证人用户名",), required=True),
    Column("number", ("执法证号", "执法证编号"), required=True),
    Column("valid_to", ("有效期止", "有效期至"), required=True),
    Column("valid_from", ("有效期起", "发证日期")),
    Column("issuer", ("发证机关",)),
    Column("certificate_kind", ("执法证类别",)),
)

EXPERTS = (
    Column("name", ("专家姓名", "姓名"), required=True),
    Column("unit", ("工作单位", "单位"), required=True),
    Column("title", ("专业技术职称", "职称")),
    Column("phone", ("手机", "联系电话")),
    Column("tags", ("专业领域", "专长标签", "专业")),
    Column("scope", ("可参与事项", "事项范围")),
    Column("qualifications", ("资格资质", "专业资质资格")),
    Column("valid_from", ("聘期起", "有效期起")),
    Column("valid_to", ("聘期止", "有效期止", "有效期至")),
)

ITEMS = (
    Column("code", ("事项编码", "编号"), required=True),
    Column("name", ("抽查事项名称", "事项名称", "抽查事项", "事项描述"), required=True),
    Column("category", ("类别", "类别描述", "事项类别名称")),
    Column("sub_item", ("抽查子项", "子项名称")),
    Column("matter_no", ("监管事项编码", "子项编码")),
    Column("kind", ("事项类别", "检查事项类别")),
    Column("basis", ("抽查依据", "依据", "检查依据")),
    Column("basis_from", ("依据有效期起",)),
    Column("basis_to", ("依据有效期止",)),
    Column("subject", ("抽查主体", "检查主体")),
    Column("object_scope", ("抽查对象", "检查对象", "对象")),
    Column("object_kinds", ("对象类别",)),
    Column("content", ("抽查内容", "检查内容", "内容")),
    Column("standard", ("抽查标准和要点", "抽查标准", "要点")),
    Column("modes", ("抽查方式", "检查方式", "方式")),
    Column("ratio", ("抽查比例", "比例")),
    Column("frequency", ("抽查频次", "频率", "频次")),
    Column("inspector_requirement", ("检查人员要求",)),
    Column("section", ("责任处室",)),
    Column("lead_department", ("牵头部门", "牵头责任部门")),
    Column("departments", ("配合部门", "相关配合部门")),
    Column("form_id", ("检查表单",)),
    Column("aliases", ("其他写法",)),
    Column("valid_from", ("事项有效期起",)),
    Column("valid_to", ("事项有效期止",)),
    Column("remark", ("备注",)),
)

OBJECT_KINDS = {
    "企业": ObjectKind.ENTERPRISE.value,
    "主体": ObjectKind.ENTERPRISE.value,
    "市场主体": ObjectKind.ENTERPRISE.value,
    "产品": ObjectKind.PRODUCT.value,
    "项目": ObjectKind.PROJECT.value,
    "行为": ObjectKind.ACT.value,
}
LICENCE_KINDS = {
    "采矿许可证": LicenceKind.MINING.value,
    "采矿": LicenceKind.MINING.value,
    "勘查许可证": LicenceKind.EXPLORATION.value,
    "勘查": LicenceKind.EXPLORATION.value,
    "测绘资质证书": LicenceKind.SURVEYING.value,
    "测绘资质": LicenceKind.SURVEYING.value,
}
# A to D are low to high; the four words are those of the plans.
RISK_CLASSES = {
    **{letter: letter for letter in "ABCD"},
    **{f"{letter}类": letter for letter in "ABCD"},
    **dict(zip(("低", "一般", "较高", "高"), "ABCD", strict=True)),
    **dict(zip(("低风险", "一般风险", "较高风险", "高风险"), "ABCD", strict=True)),
}
MARKER_KINDS = {"拐点桩": "corner", "拐点界桩": "corner", "加密桩": "extra", "加密界桩": "extra"}
ROLES = {
    "主检": "lead",
    "主检人员": "lead",
    "检查人员": "inspector",
    "执法人员": "inspector",
    "执法检查人员": "inspector",
}
CERTIFICATE_KINDS = {
    "部门": "department",
    "部门执法证": "department",
    "省政府": "government",
    "省政府执法证": "government",
    "行政执法证": "government",
}
ITEM_KINDS = {
    "一般": ItemKind.GENERAL.value,
    "一般检查事项": ItemKind.GENERAL.value,
    "重点": ItemKind.KEY.value,
    "重点检查事项": ItemKind.KEY.value,
}
ITEM_MODES = {
    "实地核查": ItemMode.ON_SITE.value,
    "现场检查": ItemMode.ON_SITE.value,
    "现场": ItemMode.ON_SITE.value,
    "书面检查": ItemMode.WRITTEN.value,
    "书面": ItemMode.WRITTEN.value,
    "网络监测": ItemMode.NETWORK.value,
    "网络": ItemMode.NETWORK.value,
    "委托专业机构": ItemMode.COMMISSIONED.value,
}
YES_OR_NO = {"是": "yes", "否": "no", "有": "yes", "无": "no"}
