"""What was done: nothing is wrong."""

from django.utils.translation import gettext_lazy as _

from catalog.findings.kind import FindingType

TYPES = (
    FindingType(
        "header-missing",
        "info",
        _("No header line"),
        _("The file has no header; the columns are called column_1 to column_%(columns)s."),
    ),
    FindingType(
        "header-repaired",
        "info",
        _("Column names made usable"),
        _("The header %(value)s became the column %(column)s: %(reason)s."),
    ),
    FindingType(
        "lines-before-header",
        "info",
        _("Lines before the header"),
        _("%(lines)s lines before the header are not part of the table."),
    ),
    FindingType(
        "lines-after-table",
        "info",
        _("Lines after the table"),
        _("%(count)s lines after the last row are not part of the table."),
    ),
    FindingType(
        "comment-lines",
        "info",
        _("Comments between the rows"),
        _("%(count)s lines that begin with # (such as %(value)s) are comments and not part of the table."),
    ),
    FindingType(
        "second-table",
        "warning",
        _("Another table below the first"),
        _("%(count)s lines below the table have other columns; they are kept here and are not part of it."),
        _("Upload the second table as a file of its own."),
    ),
    FindingType(
        "quotes-mended",
        "warning",
        _("Quotes that nothing opens or closes"),
        _("%(count)s lines hold a quote that does not quote (such as %(value)s); it was read as a sign like others."),
        _("Double the quotes within quoted text and upload the file again."),
    ),
    FindingType(
        "nul-bytes-removed",
        "info",
        _("NUL bytes removed"),
        _("NUL bytes were taken out of %(count)s lines."),
    ),
    FindingType(
        "missing-tokens",
        "info",
        _("Placeholders read as missing"),
        _("In %(column)s, %(tokens)s was read as missing in %(cells)s cells."),
    ),
    FindingType(
        "identifiers-kept-as-text",
        "info",
        _("Codes kept as text"),
        _("%(column)s holds codes such as %(value)s whose leading zeros matter; it stays text."),
    ),
    FindingType(
        "cells-merged",
        "info",
        _("Merged cells"),
        _("%(value)s stands over the merged cells %(cells)s and was %(done)s."),
    ),
    FindingType(
        "sheets-not-read",
        "info",
        _("Sheets that are no table"),
        _("The sheet %(value)s was not read: %(reason)s."),
    ),
)
