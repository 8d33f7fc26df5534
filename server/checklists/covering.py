"""Which forms a visit needs: as few as conclude on all its items, so that nothing is asked twice.

An inspector who looks at a mine's boundary and at its markers fills one record, not two with the same opening
and the same signatures (进一次门、查多项事).
"""

from collections.abc import Collection

from sqlalchemy.orm import Session

from forms.structure import Group
from server.checklists.models import FormVersion
from server.checklists.versions import newest, read
from server.registry import service as registry


def forms_for(session: Session, codes: Collection[str]) -> list[str]:
    """Return the forms to inspect some items with, those that conclude on most of them first.

    Each item names its own form; a form that concludes on the items of others stands in for theirs.
    """
    own = registry.forms_by_item(session, codes)
    wanted = list(dict.fromkeys(own.values()))
    published = newest(session, wanted)
    covers = {
        form_id: {code for code, form in own.items() if form == form_id}
        | (_concluded(published[form_id]) & own.keys() if form_id in published else set())
        for form_id in wanted
    }
    chosen: list[str] = []
    left = set(own)
    while left:
        best = max(wanted, key=lambda form_id: (len(covers[form_id] & left), -wanted.index(form_id)))
        chosen.append(best)
        left -= covers[best]
    return chosen


def _concluded(row: FormVersion) -> set[str]:
    """Return the codes of the items that a form concludes on: the groups of its conclusions."""
    form = read(row)
    conclusions = form.node(f"{form.root.path}/conclusions")
    if not isinstance(conclusions, Group):
        return set()
    return {child.name for child in conclusions.children if isinstance(child, Group)}
