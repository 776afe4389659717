"""What a recipe took out or could not do."""

from django.utils.translation import gettext_lazy as _

from catalog.findings.kind import FindingType

TYPES = (
    FindingType(
        "too-many-refused",
        "reject",
        _("More cells can't be read than the dataset allows"),
        _("In %(column)s, %(refused)s of %(rows)s cells can't be read; this dataset refuses files above %(limit)s."),
        _("Correct the file, read the column as text, or allow more in the dataset's description."),
    ),
    FindingType(
        "recipe-invalid",
        "reject",
        _("The recipe can't be followed"),
        _("%(reason)s"),
        _("Correct the step, or leave it out."),
    ),
    FindingType(
        "empty-row-dropped",
        "info",
        _("An empty row was left out"),
        _("Row %(row)s has no value and was left out, as the recipe says."),
    ),
    FindingType(
        "duplicate-row-dropped",
        "info",
        _("A repeated row was left out"),
        _("Row %(row)s repeats an earlier row and was left out, as the recipe says."),
    ),
    FindingType(
        "empty-column-filled",
        "warning",
        _("A column that was to go has values"),
        _("The recipe drops “%(column)s” for being empty, but it has values here; it was kept."),
        _("Take the step out of the recipe, or drop the column itself."),
    ),
    FindingType(
        "recipe-step-left-out",
        "warning",
        _("A step of the recipe does not fit this file"),
        _("The step “%(step)s” was left out: %(reason)s."),
        _("Change the step, or take it out of the recipe."),
    ),
    FindingType(
        "recipe-column-absent",
        "warning",
        _("A column of the recipe is not in this file"),
        _("The recipe reads a column “%(column)s”, which this file does not have."),
        _("Check whether the file is complete; if the column is gone for good, go on."),
    ),
    FindingType(
        "recipe-does-not-fit",
        "warning",
        _("A column no longer reads as the recipe says"),
        _("“%(column)s” was read as %(before)s before; %(refused)s of its values, such as “%(value)s”, do not fit."),
        _("Choose how the column is to be read."),
    ),
)
