"""The form's tree as expressions see it, made once for each form version."""

from forms.structure import Form, Group, Question
from forms.xpath import Shape


def shape_form(form: Form) -> Shape:
    """Return the document above the form's root; every shape carries its question or group."""
    document = Shape("", None)
    root = _shape_group(form.root, document)
    meta = Shape("meta", root)
    for name in dict.fromkeys((*form.meta_fields, "instanceID", "instanceName")):
        Shape(name, meta, leaf=True)
    return document


def _shape_group(group: Group, parent: Shape) -> Shape:
    shape = Shape(group.name, parent, node=group, repeat=group.repeat)
    for child in group.children:
        if isinstance(child, Question):
            Shape(child.name, shape, node=child, leaf=True)
        else:
            _shape_group(child, shape)
    return shape
