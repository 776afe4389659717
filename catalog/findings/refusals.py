"""What costs a cell or a row: it is kept on record, the rest goes on."""

from django.utils.translation import gettext_lazy as _

from catalog.findings.kind import FindingType

TYPES = (
    FindingType(
        "cell-not-of-type",
        "error",
        _("Values that are not of the column's type"),
        _("%(value)s in %(column)s is not of the type %(type)s; the cell is empty in the table and kept here."),
        _("Correct the cells in the original and upload it again, or make the column text."),
    ),
    FindingType(
        "row-too-short",
        "error",
        _("Rows with too few fields"),
        _("Row %(row)s has %(actual)s fields instead of %(expected)s; the last ones are empty in the table."),
        _("Complete the row in the original and upload it again."),
    ),
    FindingType(
        "row-too-long",
        "error",
        _("Rows with too many fields"),
        _(
            "Row %(row)s has %(actual)s fields instead of %(expected)s; "
            "those too many are kept here and are not in the table."
        ),
        _("Put quotes around text with a delimiter in it, and upload the file again."),
    ),
    FindingType(
        "record-not-an-object",
        "error",
        _("Records that are no JSON object"),
        _("Record %(row)s can't be read (%(reason)s); it is kept here and is not in the table."),
        _("Correct the record in the original and upload it again."),
    ),
    FindingType(
        "keys-repeated",
        "error",
        _("Objects with a key twice"),
        _("Record %(row)s has the key %(keys)s more than once; the last value counts."),
        _("Give each value a key of its own and upload the file again."),
    ),
    FindingType(
        "bytes-not-decoded",
        "error",
        _("Bytes that are no text in the file's encoding"),
        _("%(count)s lines hold bytes that are not valid %(encoding)s; each is shown as the replacement character."),
        _("Save the file as UTF-8 and upload it again."),
    ),
)
