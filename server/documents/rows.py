"""Rows of the tables on paper, and the two things of a record that are no text: signatures and photos."""

from dataclasses import dataclass

from server.documents.fields import Row, stated


@dataclass(frozen=True, kw_only=True)
class Inspector(Row):
    """An inspector with the enforcement certificate (执法证)."""

    name: str = stated("姓名", required=True)
    certificate: str = stated("执法证号", required=True)
    valid_to: str = stated("有效期至")
    unit: str = stated("单位", required=True)
    role: str = stated("分工")
    shown: str = stated("出示证件")


@dataclass(frozen=True, kw_only=True)
class Item(Row):
    """An item that is inspected, with its legal basis as the published item list has it."""

    code: str = stated()
    name: str = stated("抽查事项", required=True)
    content: str = stated("检查内容")
    basis: str = stated("法律依据", required=True)


@dataclass(frozen=True, kw_only=True)
class Conclusion(Row):
    """What the inspectors concluded of an item on site."""

    name: str = stated("抽查事项", required=True)
    answer: str = stated("结论", required=True)
    problem: str = stated("发现的问题")
    basis: str = stated("依据的条款")
    disposal: str = stated("处置")
    deadline: str = stated("整改期限")


@dataclass(frozen=True, kw_only=True)
class Line(Row):
    """One thing that was written down on site: what was asked, and the answer."""

    label: str = stated("项目")
    value: str = stated("记录")


@dataclass(frozen=True, kw_only=True)
class Section(Row):
    """A part of the form that was filled in on site."""

    title: str = stated()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Material(Row):
    """A document that was demanded (要求提供的材料)."""

    name: str = stated("材料名称")
    provided: str = stated("是否提供")


@dataclass(frozen=True, kw_only=True)
class Assistant(Row):
    """Somebody who helps, and never counts towards the two inspectors."""

    name: str = stated("姓名")
    unit: str = stated("单位")
    specialty: str = stated("专业")
    commission_no: str = stated("委托书号")


@dataclass(frozen=True, kw_only=True)
class Order(Row):
    """Something that was ordered on the spot (当场责令改正)."""

    order: str = stated("责令改正的内容")
    deadline: str = stated("改正期限")
    document_no: str = stated("文书编号")


@dataclass(frozen=True, kw_only=True)
class Signature(Row):
    """A signature as it was drawn on the phone: whose, as what, the hash of the picture that the record vouches for."""

    role: str = stated("签名")
    name: str = stated("姓名")
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class Vouching(Row):
    """Who vouches with a key for the exact bytes of the record: who sealed it, and who co-signed."""

    role: str = stated("数字签名")
    name: str = stated("姓名")
    holds: str = stated("核验")


@dataclass(frozen=True, kw_only=True)
class Evidence(Row):
    """A file that was captured as evidence of something in the record."""

    number: str = stated("编号")
    kind: str = stated("类型")
    about: str = stated("证明内容")
    captured_at: str = stated("拍摄时间（手机）")
    position: str = stated("位置（WGS 84）")
    sha256: str = stated("SHA-256")
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Attachment(Row):
    """A document that goes along with a letter."""

    name: str = stated("材料名称")
    number: str = stated("编号")
    count: str = stated("数量")
