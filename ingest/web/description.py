"""A description saved field by field: what is valid is kept, what is not keeps its sentence."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.models import Dataset, StandardSchema
from catalog.selectors.datasets import get_schema
from catalog.services.cataloguing.datasets import Description, update_dataset
from ingest.web.forms import ShareForm


def save_description(*, actor: Actor, dataset: Dataset, form: ShareForm) -> None:
    """Save every valid field that differs; the problems of the others stand in ``form.errors``.

    Raises NotFound, Forbidden.
    """
    values = form.valid_values()
    reference = values.pop("conforms_to", None)
    changed = {name: value for name, value in values.items() if value != getattr(dataset, name)}
    schema, is_changed = _schema(dataset, reference, form)
    while changed or is_changed:
        try:
            update_dataset(
                actor=actor,
                dataset=dataset,
                description=Description(**changed),
                conforms_to=schema if is_changed else False,
            )
        except Invalid as refusal:
            refused = refusal.fields.keys() & changed.keys()
            for name, sentences in refusal.fields.items():
                for sentence in sentences:
                    form.add_error(name if name in form.fields else None, sentence)
            if not refused:
                return
            _take(dataset, refused)
            changed = {name: value for name, value in changed.items() if name not in refused}
        else:
            return


def _take(dataset: Dataset, names: set[str]) -> None:
    """What was refused stays as it is stored."""
    stored = Dataset.objects.get(pk=dataset.pk)
    for name in names:
        setattr(dataset, name, getattr(stored, name))


def _schema(dataset: Dataset, reference: Any, form: ShareForm) -> tuple[StandardSchema | None, bool]:
    """The standard schema that was chosen, and whether it is another one than before."""
    if reference is None:
        return None, False
    if not reference:
        return None, dataset.conforms_to_id is not None
    try:
        found = get_schema(str(reference))
    except NotFound:
        form.add_error("conforms_to", _("There is no such schema any more."))
        return None, False
    return found, found.pk != dataset.conforms_to_id
