"""The unified social credit code (统一社会信用代码, GB 32100-2015 with amendment 1): checked, never refused.

Codes that fail the check are in real use, so a failed check is a warning beside the code as written.
"""

import re
import unicodedata
from dataclasses import dataclass

from stdnum.cn import ric
from stdnum.cn import uscc as number

LENGTH = 18
# Registration authority and class may be letters, which stdnum's own format check does not allow.
_FORMAT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


_PLAIN = re.compile(r"[0-9A-Z]{18}")


@dataclass(frozen=True)
class UsccCheck:
    """A code in its plain spelling, and what the check digit says of it. `reason` is empty when valid."""

    code: str
    valid: bool
    reason: str = ""
    reason_en: str = ""


def check_uscc(written: str) -> UsccCheck:
    """Check a code as written, blanks, hyphens and full-width letters allowed. Remainder 0 gives check digit `0`."""
    code = number.compact(unicodedata.normalize("NFKC", written))
    if len(code) != LENGTH:
        return UsccCheck(code, False, "统一社会信用代码应为 18 位", "a credit code has 18 characters")
    if not _FORMAT.fullmatch(code):
        return UsccCheck(
            code, False, "统一社会信用代码含有不允许的字符", "the credit code has characters it can't have"
        )
    if code[-1] != check_digit(code):
        return UsccCheck(
            code, False, "统一社会信用代码校验位不符，请核对", "the check digit of the credit code is wrong"
        )
    return UsccCheck(code, True)


def check_digit(code: str) -> str:
    """Return the check digit of the first 17 characters of a code."""
    digit: str = number.calc_check_digit(code[: LENGTH - 1])
    return digit


def public_code(uscc: str | None, *, valid: bool) -> str | None:
    """Return a credit code that is one. An identity number in its place, as some registers hold it, is nobody's business."""
    if not uscc or not valid or not _PLAIN.fullmatch(uscc) or ric.is_valid(uscc):
        return None
    return uscc
