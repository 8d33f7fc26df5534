"""What ODK Collect and KoboCollect can't do with a form, told to its author before it is published.

What only limits a stock phone is a warning; what would lose its records or keep the form from loading is an error.
Sources: Collect's form parser, its finalising of edits and its entity code (see docs/openrosa.md).
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from forms.authoring.findings import AuthoringFinding, Severity
from forms.authoring.xlsform import CompiledForm
from forms.safe_xml import UnreadableXmlError, local_name, parse_safely
from forms.xform import XFORM_LIMITS

_JR: Final = "{http://openrosa.org/javarosa}"
_ODK: Final = "{http://www.opendatakit.org/xforms}"
_ORX: Final = "{http://openrosa.org/xforms}"
_ENTITIES: Final = "{http://www.opendatakit.org/xforms/entities}"
_TASK: Final = "task_ref"
#: Versions of the entities specification that Collect takes; of the newest KoboCollect may know nothing yet.
_KNOWN_ENTITIES: Final = ("2022.1", "2023.1", "2024.1", "2025.1")
_WIDE_ENTITIES: Final = _KNOWN_ENTITIES[:-1]

_Trouble = tuple[str | None, str, Severity, str]
_NOT_EDITABLE: Final[_Trouble] = (
    "client_editable",
    "collect.not-editable",
    "warning",
    (
        "ODK Collect 不能更正已发送的记录；请在 settings 写 client_editable = yes"
        " / ODK Collect can't edit what it sent: write client_editable = yes in the settings"
    ),
)
_ENCRYPTED: Final[_Trouble] = (
    "public_key",
    "collect.encrypted",
    "warning",
    (
        "ODK Collect 会加密记录，审核人员无法打开；请删除 settings 中的 public_key"
        " / ODK Collect encrypts its records and no reviewer can open them: remove public_key from the settings"
    ),
)
_INSTANCE_ID: Final[_Trouble] = (
    "instance_id",
    "collect.instance-id",
    "error",
    (
        "instanceID 须由手机生成（uid），改用计算会使更正丢失；请删除 settings 中的 instance_id"
        " / instanceID must be made by the phone (uid), else edits are lost: remove instance_id from the settings"
    ),
)
_NO_TASK: Final[_Trouble] = (
    None,
    "collect.task-unnamed",
    "warning",
    (
        "表单不指明任务：ODK Collect 的记录在该检查人员只有一个此类任务时才能归入；请使用 opening 或 task_ref"
        " / The form names no task: a record from ODK Collect finds its own only where there is one; use opening or task_ref"
    ),
)


def lint_collect(compiled: CompiledForm) -> list[AuthoringFinding]:
    """Return what a stock ODK phone could not do with a compiled form."""
    root = parse_safely(compiled.xform, XFORM_LIMITS, UnreadableXmlError)
    model = next(each for each in root.iter("{*}model"))
    troubles = [*_submission(model), *_instance_id(model), *_entities(model), *_task(model), *_google(model)]
    return [
        AuthoringFinding("settings", None, message, column, code, severity)
        for column, code, severity, message in troubles
    ]


def _submission(model: etree._Element) -> Iterator[_Trouble]:
    if any(each.get("base64RsaPublicKey") for each in model.iterfind("{*}submission")):
        yield _ENCRYPTED
    # A form for secret places (涉密) is to leave nothing on the phone instead.
    for submission in model.iterfind("{*}submission"):
        if "true" in {submission.get(f"{_ODK}client-editable"), submission.get(f"{_ORX}auto-delete")}:
            return
    yield _NOT_EDITABLE


def _instance_id(model: etree._Element) -> Iterator[_Trouble]:
    binds = [
        each for each in model.iterfind("{*}bind") if (each.get("nodeset") or "").endswith("/meta/instanceID")
    ]
    if not any(each.get(f"{_JR}preload") == "uid" and not each.get("calculate") for each in binds):
        yield _INSTANCE_ID


def _entities(model: etree._Element) -> Iterator[_Trouble]:
    version = model.get(f"{_ENTITIES}entities-version")
    if version is None or version.startswith(_WIDE_ENTITIES):
        return
    is_known = version.startswith(_KNOWN_ENTITIES)
    yield (
        None,
        "collect.entities-version",
        "warning" if is_known else "error",
        (
            f"实体规范版本 {version}：较旧的 KoboCollect 无法打开，其他版本 ODK Collect 也不能；请勿在重复组中声明实体"
            f" / Entities {version}: older apps can't open the form; declare no entities in repeats"
        ),
    )


def _task(model: etree._Element) -> Iterator[_Trouble]:
    primary = model.find("{*}instance")
    named = [] if primary is None else [each for each in primary.iter() if isinstance(each.tag, str)]
    updates = any(local_name(each) == "entity" and each.get("dataset") == "tasks" for each in named)
    if not updates and not any(local_name(each) == _TASK for each in named):
        yield _NO_TASK


def _google(model: etree._Element) -> Iterator[_Trouble]:
    if next(model.iter("{*}setgeopoint"), None) is not None:
        yield (
            None,
            "collect.needs-google",
            "error",
            (
                "start-geopoint 和后台定位依赖谷歌服务，国产手机上为空，不能作为证据；请改用 geopoint"
                " / start-geopoint and background positions need Google's services and stay blank without: ask a geopoint"
            ),
        )
