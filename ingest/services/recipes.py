"""How a draft's table is made from its original: changed by its owner, and taken to the next file.

A changed recipe is one more upload of which no byte travels: the original lies in the store. So it has an upload's
state, lease, progress and findings, and the same pipeline reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid, NotFound
from catalog.events import raise_event
from catalog.jobs.lanes import Lane, lane_of
from catalog.models import Resource, SourceMode, VersionState
from catalog.permissions import Action, require, require_user
from catalog.services.cataloguing.aliases import remember_aliases
from catalog.services.publishing.resources import lock_for_change
from catalog.services.publishing.starting import tables_to_work_on
from catalog.transitions import lock, move
from ingest.columns.questions import Option
from ingest.events import UploadReceived
from ingest.models import Upload, UploadKind, UploadState
from ingest.outcome import RecipeStep
from ingest.recipes import sparing
from ingest.recipes.edits import editable, towards, with_steps, without_step
from ingest.recipes.opening import Opening, opening_of
from ingest.recipes.vocabulary import READING, RecipeInvalidError, check_reading, chosen_cast, parse_cleaning

MAX_STEPS = 20_000
BUSY = (UploadState.RECEIVED, UploadState.PROCESSING)


class RecipeInvalid(Invalid):
    code = "recipe-invalid"
    title = gettext_lazy("The recipe can't be followed")


class MadeOfSeveralFiles(Conflict):
    code = "made-of-several-files"
    title = gettext_lazy("The table was made from several files")


class BeingRead(Conflict):
    code = "being-read"
    title = gettext_lazy("The table is being read already")


class OriginalReplaced(Conflict):
    code = "original-replaced"
    title = gettext_lazy("The table was changed while its original was read again")


def read_again(*, actor: Actor, resource: Resource) -> Upload:
    """Have the table read again by the recipe that it has (by a newer pipeline). Raises what ``set_recipe`` raises."""
    return _read_again(actor, resource, partial(list, resource.recipe))


def set_recipe(*, actor: Actor, resource: Resource, steps: Sequence[RecipeStep]) -> Upload:
    """Have the table read again from its original by these steps; those that the recipe lacks now are undone.

    The answer is an upload whose bytes are there already. Raises Forbidden, VersionNotDraft, RecipeInvalid,
    MadeOfSeveralFiles, BeingRead.
    """
    return _read_again(actor, resource, partial(towards, resource.recipe, steps))


def add_steps(*, actor: Actor, resource: Resource, steps: Sequence[RecipeStep]) -> Upload:
    """Have the table read again with steps more. Raises what ``set_recipe`` raises."""
    return _read_again(actor, resource, partial(with_steps, resource.recipe, steps))


def undo_step(*, actor: Actor, resource: Resource, place: int) -> Upload:
    """Have the table read again without the step at ``place`` (from 0). Raises what ``set_recipe`` raises."""
    return _read_again(actor, resource, partial(without_step, resource.recipe, place))


def keep_value(*, actor: Actor, resource: Resource, place: int, value: str) -> Upload:
    """Have the table read again with a value that the step at ``place`` (from 0) leaves as it is.

    Raises what ``set_recipe`` raises.
    """
    return _read_again(actor, resource, partial(sparing.keep, resource.recipe, place, value))


def give_up_value(*, actor: Actor, resource: Resource, place: int, value: str) -> Upload:
    """Have the table read again without that exception. Raises what ``set_recipe`` raises."""
    return _read_again(actor, resource, partial(sparing.give_up, resource.recipe, place, value))


def open_otherwise(*, actor: Actor, resource: Resource, opening: Opening) -> Upload:
    """Have the table read again from a file that is opened as its owner says: its columns are found anew.

    Raises what ``set_recipe`` raises.
    """
    return _read_again(actor, resource, lambda: opening.steps)


def answer_question(*, actor: Actor, resource: Resource, column: str, option: str) -> Upload:
    """Have the table read again as one option of a column's question says.

    Raises NotFound when nothing of the kind is asked, and what ``set_recipe`` raises.
    """
    require(actor, Action.UPLOAD, resource.version.dataset)
    for question in resource.questions:
        for item in question["options"] if question["column"] == column else ():
            if item["code"] == option:
                steps = _as_owner(column, item["steps"])
                return _read_again(actor, resource, partial(with_steps, resource.recipe, steps))
    raise NotFound(
        _("Nothing is asked about %(column)s that could be answered by “%(option)s”.")
        % {"column": column, "option": option}
    )


def _as_owner(column: str, steps: Sequence[RecipeStep]) -> list[RecipeStep]:
    """The option's steps; one that leaves everything as it is becomes the owner's word for it."""
    return [dict(step) for step in steps] or [chosen_cast(column, "string")]


@transaction.atomic
def _read_again(actor: Actor, resource: Resource, edit: Callable[[], list[RecipeStep]]) -> Upload:
    version = lock_for_change(actor, resource.version)
    person = require_user(actor)
    sources = list(resource.sources.all())
    if len(sources) != 1:
        raise MadeOfSeveralFiles(
            _("%(name)s was made from %(count)s files, so that no single one can be read anew.")
            % {"name": resource.name, "count": len(sources)},
            remedy=_("Upload the whole table as one file, or correct it by an update."),
        )
    _require_idle(resource)
    now = timezone.now()
    [source] = sources
    upload = Upload.objects.create(
        dataset=version.dataset,
        created_by=person,
        filename=source.filename,
        size=source.bytes,
        media_type=source.media_type,
        resource_name=resource.name,
        claimed_sha256=source.sha256,
        reads_original=source.sha256,
        recipe=_checked(edit),
        part_size=source.bytes,
        lane=lane_of(source.bytes),
        progress={"stage": "queued", "bytes": 0, "total_bytes": source.bytes, "rows": 0},
    )
    audit.record(actor=actor, action="upload.pending", subject=upload, dataset_id=version.dataset_id, size=source.bytes)
    _remember_names(actor, resource, upload.recipe or [])
    upload = move(
        upload, to=UploadState.RECEIVED, actor=actor, dataset_id=version.dataset_id, received_at=now, queued_at=now
    )
    raise_event(UploadReceived(upload_id=upload.pk, lane=Lane(upload.lane)))
    return upload


def _require_idle(resource: Resource) -> None:
    """Raises BeingRead while a file is on its way that is for this table, or may be: only its bytes say for which."""
    dataset = resource.version.dataset
    if Upload.objects.filter(dataset=dataset, resource_name=resource.name, state__in=BUSY).exists():
        raise BeingRead(
            _("%(name)s is being read just now.") % {"name": resource.name},
            remedy=_("Wait until it is done, then change it."),
        )
    busy = Upload.objects.filter(dataset=dataset, kind=UploadKind.TABLE, state__in=BUSY)
    unnamed = busy.filter(resource_name="").order_by("received_at").first()
    if unnamed is not None:
        raise BeingRead(
            _("%(filename)s is being read just now and may hold %(name)s.")
            % {"filename": unnamed.filename, "name": resource.name},
            remedy=_("Wait until it is done, then change the table."),
        )


def require_original(upload: Upload) -> None:
    """Raises OriginalReplaced unless the draft still has the table that is read again, of that one original.

    To be called in the transaction that writes what came of it. A file that was received since may have been
    quicker: its rows are not to be lost for those of the older one.
    """
    draft = upload.dataset.versions.filter(state=VersionState.DRAFT).first()
    table = None if draft is None else lock(draft).resources.filter(name=upload.resource_name).first()
    if table is not None and [source.sha256 for source in table.sources.all()] == [upload.reads_original]:
        return
    raise OriginalReplaced(
        _("%(resource_name)s is not the table any more that %(filename)s was read again for.")
        % {"resource_name": upload.resource_name, "filename": upload.filename},
        remedy=_("Look at the table as it is now, and change its recipe again if it needs it."),
    )


def _remember_names(actor: Actor, resource: Resource, recipe: Sequence[RecipeStep]) -> None:
    """A column that is given the name of one of the standard schema's has that name in the next file too."""
    headers = {field["name"]: field.get("sourceName") or field["name"] for field in resource.schema.get("fields", [])}
    known = [step for step in resource.recipe if step.get("step") == "rename-columns"]
    names = {
        str(headers.get(old, old)): str(new)
        for step in recipe
        if step.get("step") == "rename-columns" and step not in known
        for old, new in step["columns"]
    }
    if names:
        remember_aliases(actor=actor, dataset=resource.version.dataset, names=names)


def _checked(edit: Callable[[], list[RecipeStep]]) -> list[RecipeStep]:
    try:
        steps = edit()
        parse_cleaning(step for step in steps if editable(step) and step["step"] not in READING)
        opening_of(steps)
        check_reading(step for step in steps if step.get("step") in READING)
    except RecipeInvalidError as error:
        raise RecipeInvalid(str(error), remedy=_("Correct the step, or leave it out.")) from error
    if len(steps) > MAX_STEPS:
        raise RecipeInvalid(
            _("A recipe has at most %(max_steps)s steps.") % {"max_steps": MAX_STEPS}, remedy=_("Split the table.")
        )
    return steps


def option_sentence(option: dict[str, Any]) -> str:
    """What an option of a stored question says, in the active language."""
    return Option.from_json(option).sentence


def recipes_for(upload: Upload) -> dict[str, list[RecipeStep]]:
    """How the upload's tables are to be read: as its owner says, else as the dataset's tables were read before.

    By the tables' names; "" is for whichever table the file holds.
    """
    if upload.recipe is not None:
        return {_name(upload): list(upload.recipe)}
    tables = {table.name: table for table in tables_to_work_on(upload.dataset)}
    if upload.resource_name in tables:
        return {"": _first_recipe(tables[upload.resource_name])}
    if upload.resource_name and upload.mode == SourceMode.REPLACE:
        return {}
    if len(tables) == 1:
        return {"": _first_recipe(next(iter(tables.values())))}
    return {name: _first_recipe(table) for name, table in tables.items()}


def _name(upload: Upload) -> str:
    """An original that holds several tables names them; one that holds a single table was named by its owner."""
    shared = Resource.objects.filter(
        version__dataset=upload.dataset, original_sha256=upload.reads_original, version__state=VersionState.DRAFT
    )
    return upload.resource_name if shared.count() > 1 else ""


def _first_recipe(table: Resource) -> list[RecipeStep]:
    """How the file was read that the table began with, if anybody stands for it.

    A table of a draft whose recipe nobody changed is no decision: a file that was sent by mistake must not say how the
    next one is read. Then it is the published table's recipe, and the values' own without one.
    """
    if table.version.state != VersionState.DRAFT or _is_edited(table):
        return _recipe_of(table)
    latest = table.version.dataset.latest
    published = None if latest is None else latest.resources.filter(name=table.name).first()
    return [] if published is None else _recipe_of(published)


def _is_edited(table: Resource) -> bool:
    """Whether the table was read by a recipe that its owner changed, or by their answers."""
    made_by = {source.upload_id for source in table.sources.all()} | {table.upload_id}
    return Upload.objects.filter(pk__in=[upload for upload in made_by if upload], recipe__isnull=False).exists()


def _recipe_of(table: Resource) -> list[RecipeStep]:
    sources = list(table.sources.all())
    return list(sources[0].recipe if sources else table.recipe)
