"""Who has to sign a record on the form, and who did.

The forms keep their signatures in one group, `sign`: both inspectors' always (《行政处罚法》第四十二条), the
party's or its seal (公章) in place of it, or, when the party refuses or is absent, a witness's. What further
people sign stands in a repeat below and is the form's own business.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from forms import Answer, AnswerGroup, Answers, QuestionKind

GROUP = "sign"
PARTY, SEAL, REFUSED, WITNESS = "company", "seal", "refused", "witness"

# Roles in which somebody vouches for a revision with a key of their own, and the signature on the form that it stands
# for. The party's representative and a witness have no account and no key: they sign on the inspector's phone, inside
# the record. Experts and assistants sign below the group, and count for neither inspector.
ATTESTED_ROLES = {"co_inspector": "inspector2"}


@dataclass(frozen=True)
class Signatures:
    """Names of signature questions: those that must be signed, and those that are."""

    required: frozenset[str]
    given: frozenset[str]

    def as_json(self) -> dict[str, list[str]]:
        """Write both, sorted."""
        return {"required": sorted(self.required), "given": sorted(self.given)}


def signatures_of(answers: Answers) -> Signatures:
    """Read from the answers which signatures a record needs and has; a form without the group needs none."""
    on_form = {answer.question.name: answer for answer in _answers_in_group(answers)}
    signed = {name: each for name, each in on_form.items() if each.question.kind is QuestionKind.SIGNATURE}
    refused = REFUSED in on_form and on_form[REFUSED].text == "yes"
    sealed = SEAL in on_form and on_form[SEAL].value is not None
    not_asked = {PARTY} if refused else {PARTY, WITNESS} if sealed else {WITNESS}
    return Signatures(
        required=frozenset(signed) - not_asked,
        given=frozenset(name for name, answer in signed.items() if answer.value is not None),
    )


def _answers_in_group(answers: Answers) -> Iterator[Answer]:
    for group in answers.root.children:
        if isinstance(group, AnswerGroup) and group.group.name == GROUP and not group.group.repeat:
            yield from (child for child in group.children if isinstance(child, Answer))
