"""From what an author wrote to what can be published: compiled and linted, outside of any transaction."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import cast, get_args

from forms import AuthoringError, AuthoringFinding, UnreadableForm, compile_xlsform, load_form
from forms.authoring.collect_lint import lint_collect
from forms.authoring.linting import lint
from forms.authoring.sheets import MAX_SOURCE_BYTES
from forms.authoring.xlsform import FileType
from server.db import JsonList
from server.problems import FormFaulty, FormUncompilable, RequestTooLarge

MOST_FINDINGS = 500
_LONGEST_MESSAGE = 1000


@dataclass(frozen=True, slots=True)
class Compiled:
    """A form that can be read: what identifies it, and its bytes by their hash (hex)."""

    form_id: str
    version: str
    title: str
    xform: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Written:
    """What an author wrote, with all that was found in it; `compiled` is None where it does not compile."""

    source: bytes
    source_type: str
    findings: JsonList
    compiled: Compiled | None


def read_source(source: bytes, source_type: str) -> Written:
    """Compile and lint a source (".md", ".csv", ".xlsx"); whatever is wrong with it is a finding.

    It takes up to seconds: hold no transaction over it. Raises RequestTooLarge above 5 MB.
    """
    if source_type not in get_args(FileType):
        raise FormUncompilable(f"不支持的文件类型 {source_type}", f"file type {source_type} is not known")
    if len(source) > MAX_SOURCE_BYTES:
        raise RequestTooLarge(limit=MAX_SOURCE_BYTES)
    try:
        compiled = compile_xlsform(source, cast("FileType", source_type))
        title = load_form(compiled.xform).title
        findings = [*lint(compiled), *lint_collect(compiled), *compiled.warnings]
    except AuthoringError as error:
        return Written(source, source_type, _listed(error.findings), None)
    except UnreadableForm as error:
        message = f"{error.message} / {error.message_en}"
        unreadable = AuthoringFinding("file", None, message, code=error.reason_code)
        return Written(source, source_type, _listed([unreadable]), None)
    form = Compiled(compiled.form_id, compiled.version, title, compiled.xform, compiled.sha256)
    return Written(source, source_type, _listed(findings), form)


def require_publishable(compiled: Compiled | None, findings: JsonList) -> Compiled:
    """Return the form if it may be published; else refuse, with what was found."""
    if compiled is None:
        raise FormUncompilable(findings=findings)
    if any(finding["severity"] == "error" for finding in findings):
        raise FormFaulty(findings=findings)
    return compiled


def source_hash(source: bytes) -> str:
    """Name a source in the log: SHA-256, hex."""
    return hashlib.sha256(source).hexdigest()


def _listed(findings: Sequence[AuthoringFinding]) -> JsonList:
    """Write findings as JSON, errors first; what is beyond the limit is counted."""
    errors_first = sorted(findings, key=lambda each: each.severity)
    if len(errors_first) > MOST_FINDINGS:
        more = len(errors_first) - MOST_FINDINGS
        message = f"另有 {more} 处未列出；请先更正以上各处 / {more} more are not listed: correct these first"
        last = AuthoringFinding("file", None, message, code="findings.more", severity="warning")
        errors_first = [*errors_first[:MOST_FINDINGS], last]
    return [asdict(each) | {"message": each.message[:_LONGEST_MESSAGE]} for each in errors_first]
