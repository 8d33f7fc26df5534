"""What is asked: one entry for each kind of question, and the form that every finding of a rule has."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from forms.geodesy import Words
from server.db import Json, canonical_json


class Code(StrEnum):
    """Stable names of the questions; clients branch on them."""

    SAME_BYTES = "photo.same-bytes"
    ALIKE = "photo.alike"
    FROM_GALLERY = "photo.from-gallery"
    EDITED = "photo.edited"
    TIME_DIFFERS = "photo.time-differs"
    PLACE_DIFFERS = "photo.place-differs"
    MOCK = "position.mock"
    ACCURACY = "position.accuracy"
    REPEATED = "position.repeated"
    FAR = "position.far"
    TOO_FAST = "position.too-fast"
    FIX_APART = "position.fix-apart"
    MEAN_DIFFERS = "position.mean-differs"
    OVERRIDDEN = "inspection.overridden"
    RECUSED = "inspection.recused"
    AS_REGISTERED = "position.as-registered"
    OUTSIDE_VISIT = "capture.outside-visit"
    OUTSIDE_STAY = "capture.outside-stay"
    SHORT = "visit.short"
    OVERLAPS = "visit.overlaps"
    WAY_TOO_FAST = "visit.too-fast"
    COPIED = "answers.copied"
    CLOCK_FLAGGED = "clock.flagged"
    CLOCK_TURNED_BACK = "clock.turned-back"
    COUNTER_REUSED = "device.counter-reused"
    CHAIN_BROKEN = "device.chain-broken"
    OPERATION_REUSED = "device.operation-reused"
    GAP = "device.gap"


class State(StrEnum):
    """How a question stands; `passed`: the record was accepted while nobody had answered it."""

    OPEN = "open"
    ANSWERED = "answered"
    PASSED = "passed"


QUESTIONS: dict[Code, Words] = {
    Code.SAME_BYTES: Words(
        "同一文件还用在别处，请核对是否当次取得。",
        "The same file is used elsewhere too: was it captured at this visit?",
    ),
    Code.ALIKE: Words(
        "与其他检查的照片相近（同一地点历年照片相近属正常），请核对是否当次拍摄。",
        "Looks like a photo of another visit (the same spot in other years does): was it taken at this visit?",
    ),
    Code.FROM_GALLERY: Words(
        "从手机相册选取，非现场直接拍摄，请核对来源。",
        "Chosen from the phone's gallery, not taken in the app: where does it come from?",
    ),
    Code.EDITED: Words(
        "照片经图像处理软件保存，请核对是否改动内容。",
        "Saved by a program that edits pictures: was anything changed?",
    ),
    Code.TIME_DIFFERS: Words(
        "相机记录的拍摄时间与手机所报不一致，请核对拍摄时间。",
        "The camera's time is not the one the phone told: when was it taken?",
    ),
    Code.PLACE_DIFFERS: Words(
        "相机记录的位置与手机定位不一致，请核对拍摄地点。",
        "The camera's position is not the phone's: where was it taken?",
    ),
    Code.MOCK: Words(
        "手机报告定位为模拟位置，请核对是否到场。",
        "The phone says that an app made this position up: was somebody there?",
    ),
    Code.ACCURACY: Words(
        "定位精度缺失或不可信，该位置不能说明地点。",
        "The accuracy of the position is missing or not credible: it says nothing about the place.",
    ),
    Code.REPEATED: Words(
        "不同时刻的定位坐标完全相同，请核对是否实时定位。",
        "Fixes of different moments have exactly the same coordinates: were they live?",
    ),
    Code.FAR: Words(
        "位置远离检查对象登记位置，请核对到访地点（登记位置也可能有误）。",
        "The position is far from the object's registered place: which place was visited? The register may be wrong.",
    ),
    Code.TOO_FAST: Words(
        "两次定位之间的移动速度不合常理，请核对。",
        "Nobody moves so fast between two fixes: which one is true?",
    ),
    Code.FIX_APART: Words(
        "定位时间与拍摄时间相差较大，位置可能不是拍摄时的位置。",
        "The fix is not of the moment of the capture: it may be of another place.",
    ),
    Code.MEAN_DIFFERS: Words(
        "平均定位与随附的原始定位不符，请核对该位置。",
        "An averaged position does not follow from the fixes beside it: where was it measured?",
    ),
    Code.OVERRIDDEN: Words(
        "缺少法定条件仍开始检查，请核对理由是否成立。",
        "It began although something was missing that the law asks for: does the reason hold?",
    ),
    Code.RECUSED: Words(
        "有检查人员声明需要回避，请核对其是否参加了检查。",
        "An inspector declared an interest: did that person take part all the same?",
    ),
    Code.OUTSIDE_VISIT: Words(
        "拍摄时间不在本次检查期间，请核对是否当次取得。",
        "Captured outside the time of this inspection: was it captured at this visit?",
    ),
    Code.AS_REGISTERED: Words(
        "实测位置与登记坐标完全相同，请核对是否实地测量。",
        "A measured position is exactly the registered one: was it measured?",
    ),
    Code.OUTSIDE_STAY: Words(
        "拍摄时间不在检查开始与结束之间，请核对是否当次取得。",
        "Captured before the inspection began or after it ended: was it captured at this visit?",
    ),
    Code.SHORT: Words(
        "现场检查时间很短，请核对各项是否都已实地检查。",
        "The inspection was very short: was everything looked at on the site?",
    ),
    Code.OVERLAPS: Words(
        "同一部手机同时在另一处检查，请核对两次检查的时间。",
        "The same phone was at another inspection then: when was each of them?",
    ),
    Code.WAY_TOO_FAST: Words(
        "同一部手机在两次检查之间的移动速度不合常理，请核对时间和地点。",
        "Nobody moves so fast between two inspections: when and where was each of them?",
    ),
    Code.COPIED: Words(
        "自填内容与另一对象的检查记录几乎相同，请核对是否照抄。",
        "What was written is nearly the same as for another object: was it copied?",
    ),
    Code.CLOCK_FLAGGED: Words(
        "手机时钟与服务器时间矛盾，请核对手机时间是否被改动。",
        "The phone's clock contradicts the server's: was it changed?",
    ),
    Code.CLOCK_TURNED_BACK: Words(
        "手机时钟在两次拍摄之间被调回，请核对。",
        "The phone's clock was turned back between two captures: why?",
    ),
    Code.COUNTER_REUSED: Words(
        "同一设备的同一序号封存了两个不同版本，请核对手机数据是否被还原或复制。",
        "One number of a device is on two different versions: was the phone set back, or copied?",
    ),
    Code.CHAIN_BROKEN: Words(
        "版本与该设备的前一版本不相连，请核对手机数据是否被还原或复制。",
        "A version is not tied to the one before it on its device: was the phone set back, or copied?",
    ),
    Code.OPERATION_REUSED: Words(
        "同一操作编号先后送来不同内容，请核对手机数据是否被还原或复制。",
        "One operation id came with different content: was the phone set back, or copied?",
    ),
    Code.GAP: Words(
        "该设备此前封存的若干版本一直没有送达，请核对是否还在手机上或已丢失（补到后自动关闭）。",
        "Versions that the device sealed before never came: are they still on the phone, or lost? It closes when they come.",
    ),
}


@dataclass(frozen=True)
class Item:
    """One thing that is asked about: the files (none: the record itself), what was found, and its numbers.

    `about` is what makes it this thing and no other; by default its numbers do. `shas` are the files' hashes.
    """

    code: Code
    names: tuple[str, ...]
    words: Words
    details: Json = field(default_factory=dict)
    about: tuple[str, ...] = ()
    shas: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Name the thing so that it is the same at each reading, and another for another file of the same name."""
        about = list(self.about) or self.details
        content = {"code": self.code, "names": list(self.names), "shas": list(self.shas), "about": about}
        return hashlib.sha256(canonical_json(content)).hexdigest()[:32]

    def as_json(self) -> Json:
        """Write it for the reviewer."""
        return {
            "key": self.key,
            "names": list(self.names),
            "message": self.words.zh,
            "message_en": self.words.en,
            "details": self.details,
        }
