"""The columns of imported workbooks, by the names bureaus and platforms give them."""

from server.registry.models import LicenceKind, ObjectKind
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
    Column("latitude", ("纬度",)),
    Column("longitude", ("经度",)),
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
    Column("valid_to", ("有效期止", "有效期至", "有效期", "执法证有效期"), required=True),
    Column("issuer", ("发证机关",)),
    Column("valid_from", ("有效期起", "发证日期")),
    Column("role", ("人员类别", "角色", "岗位")),
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
