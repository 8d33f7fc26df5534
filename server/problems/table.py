"""What a refusal is, and the table of all of them by their codes."""

from collections.abc import Iterator
from typing import Any, ClassVar


class Problem(Exception):
    """A refusal: what is wrong and what to do, in Chinese and English, with members for machines."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "server.failed"
    title: ClassVar[tuple[str, str]] = ("服务器出错", "The server failed.")
    advice: ClassVar[tuple[str, str]] = (
        "数据已保留在手机上，请稍后重试；仍不成功请把请求编号告诉管理员。",
        "Your data is still on the phone. Retry later; if it stays, give the request id to the operator.",
    )

    def __init__(self, detail: str = "", detail_en: str = "", **members: Any) -> None:
        super().__init__(self.code, detail, members)
        self.detail = detail
        self.detail_en = detail_en or detail
        self.members = members
        self.headers: dict[str, str] = {}

    def with_headers(self, **headers: str) -> "Problem":
        """Add response headers; underscores in names stand for hyphens."""
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self

    def as_json(self, english: bool, request_id: str) -> dict[str, Any]:
        """Write the problem document in the language that was asked for."""
        language = 1 if english else 0
        detail = self.detail_en if english else self.detail
        return {
            "type": f"urn:merestone:problem:{self.code}",
            "code": self.code,
            "status": self.status,
            "title": self.title[language],
            "detail": " ".join(part for part in (detail, self.advice[language]) if part),
            "request_id": request_id,
            **self.members,
        }


CATALOGUE: dict[str, type[Problem]] = {"server.failed": Problem}


def problem(status: int, code: str, title: tuple[str, str], advice: tuple[str, str]) -> type[Problem]:
    """Enter one refusal into the catalogue. Two entries with one code stop the program."""
    if code in CATALOGUE:
        raise ValueError(f"problem code used twice: {code}")
    name = "".join(word.capitalize() for word in code.replace(".", "-").split("-"))
    kind = type(name, (Problem,), {"status": status, "code": code, "title": title, "advice": advice})
    CATALOGUE[code] = kind
    return kind


def catalogue() -> Iterator[type[Problem]]:
    """Go through all refusals by status and code."""
    yield from sorted(CATALOGUE.values(), key=lambda kind: (kind.status, kind.code))


RETRY = ("请稍后重试。", "Retry later.")
ASK = ("如认为有误，请联系管理员。", "If you think this is wrong, ask your administrator.")
FIX = ("请更正后重新提交。", "Correct it and send it again.")


def problems_as_markdown() -> str:
    """Write the table of `docs/problems.md`."""
    lines = [
        "# Problem codes",
        "",
        "Every refusal is `application/problem+json` with a stable `code`. Codes are never reused.",
        "`make docs` writes this page.",
        "",
        "| status | code | 含义 | meaning |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {kind.status} | `{kind.code}` | {kind.title[0]} | {kind.title[1]} |" for kind in catalogue()
    ]
    return "\n".join(lines) + "\n"
