"""A form laid out for a page, and what changes between versions: what authors look at before they publish."""

from typing import Any

from sqlalchemy.orm import Session

from forms import (
    Choice,
    Form,
    FormChanges,
    Group,
    MigrationError,
    Question,
    QuestionKind,
    Rule,
    UnreadableInstance,
    compare_forms,
    load_form,
    migrate_instance,
)
from forms.answers.keys import repeat_keys
from server.access import Actor, Permission, require
from server.checklists.drafts import compiled_of
from server.checklists.models import FormDraft
from server.checklists.versions import load, newest, published, read
from server.db import Json
from server.problems import FormInstanceUnusable, FormUncompilable


def preview(session: Session, draft: FormDraft) -> Json:
    """Lay out a draft's form, with what changes against the newest version that is offered, if there is one."""
    form = load_form(xform_of(draft))
    newest_row = newest(session, [form.form_id]).get(form.form_id)
    changes = compare_forms(read(newest_row), form) if newest_row is not None else None
    return {"form": layout(form), "changes": changes.as_json() if changes is not None else None}


def xform_of(draft: FormDraft) -> bytes:
    """Return the XForm of a draft. Raises FormUncompilable with its findings when there is none."""
    compiled = compiled_of(draft)
    if compiled is None:
        raise FormUncompilable(findings=draft.findings)
    return compiled.xform


def compare(session: Session, actor: Actor, form_id: str, old: str, new: str) -> FormChanges:
    """Tell what changes from one published version of a form to another, retired or not."""
    require(actor, Permission.FORM_READ)
    published(session, form_id, old)
    return compare_forms(load(session, form_id, old), load(session, form_id, new))


def migrate(session: Session, actor: Actor, form_id: str, old: str, new: str, xml: bytes) -> Json:
    """Move a draft of a record to another published version of its form; raises FormInstanceUnusable."""
    require(actor, Permission.FORM_READ)
    published(session, form_id, old)
    try:
        moved = migrate_instance(xml, load(session, form_id, old), load(session, form_id, new))
    except UnreadableInstance as error:
        raise FormInstanceUnusable(error.message, error.message_en, reason=error.reason_code) from error
    except MigrationError as error:
        raise FormInstanceUnusable(reason="form.version-differs") from error
    return {"xml": moved.xml.decode("utf-8"), **moved.as_json()}


def layout(form: Form) -> Json:
    """Write a form as a tree of groups, repeats and questions, with what each asks and by which rules."""
    questions = list(form.questions())
    visible = [each for each in questions if each.kind is not QuestionKind.CALCULATE and not each.preload]
    return {
        "form_id": form.form_id,
        "version": form.version,
        "title": form.title,
        "titles": dict(form.titles),
        "languages": list(form.languages),
        "lists": sorted(form.external_lists),
        "questions": len(visible),
        "required": sum(each.required.constant is not False for each in visible),
        "children": [_node(child, form) for child in form.root.children],
    }


def _node(node: Question | Group, form: Form) -> Json:
    return _group(node, form) if isinstance(node, Group) else _question(node)


def _group(group: Group, form: Form) -> Json:
    return {
        "kind": "repeat" if group.repeat else "group",
        "path": group.path,
        "name": group.name,
        "labels": dict(group.labels),
        "relevant": _rule(group.relevant),
        "key": repeat_keys(form).get(group.path),
        "count": group.count,
        "children": [_node(child, form) for child in group.children],
    }


def _question(question: Question) -> Json:
    return {
        "kind": question.kind.value,
        "path": question.path,
        "name": question.name,
        "labels": dict(question.labels),
        "hints": dict(question.hints),
        "required": _rule(question.required),
        "required_messages": dict(question.required_messages),
        "relevant": _rule(question.relevant),
        "readonly": _rule(question.readonly),
        "constraint": question.constraint,
        "constraint_messages": dict(question.constraint_messages),
        "calculate": question.calculate,
        "choices": None if question.choices is None else [_choice(each) for each in question.choices],
        "choice_filter": question.itemset,
        "default": question.default,
        "appearance": question.appearance,
        "max_pixels": question.max_pixels,
    }


def _choice(choice: Choice) -> Json:
    return {"name": choice.name, "labels": dict(choice.labels)}


def _rule(rule: Rule) -> Any:
    """True or False where that is certain, else the expression."""
    return rule.expression if rule.constant is None else rule.constant
