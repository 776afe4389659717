"""What is doubtful: the table is complete, and somebody should look."""

from django.utils.translation import gettext_lazy as _

from catalog.findings.kind import FindingType

TYPES = (
    FindingType(
        "date-order-doubtful",
        "warning",
        _("Day or month first?"),
        _(
            "The dates in %(column)s (such as %(value)s) can be read with the day or the month first; "
            "the column stays text."
        ),
        _("Say which in the schema: give the field a format."),
    ),
    FindingType(
        "date-formats-mixed",
        "warning",
        _("Dates written in several ways"),
        _("The dates in %(column)s are written in several ways (%(formats)s); all were read as dates."),
        _("Write all dates as 2024-12-31."),
    ),
    FindingType(
        "number-format-doubtful",
        "warning",
        _("Decimal mark or thousands separator?"),
        _("The numbers in %(column)s (such as %(value)s) can be read in two ways; the column stays text."),
        _("Write the numbers without thousands separators, or say in the schema that they are numbers."),
    ),
    FindingType(
        "values-simplified",
        "warning",
        _("Values that Parquet holds in another type"),
        _("%(column)s came as %(from)s and is stored as %(to)s: %(reason)s."),
    ),
    FindingType(
        "column-absent",
        "warning",
        _("A column of the schema is not in the file"),
        _("The schema's column %(column)s is not in the file; it is empty in the table."),
        _("Add the column to the file, or take it out of the schema."),
    ),
    FindingType(
        "column-not-in-schema",
        "warning",
        _("A column that the schema does not know"),
        _("The schema has no column %(value)s; it was kept as %(column)s with the type that its values have."),
        _("Add the column to the schema, or take it out of the file."),
    ),
    FindingType(
        "members-not-read",
        "warning",
        _("Files of the archive that were left out"),
        _("The archive's member %(value)s was not read: %(reason)s"),
    ),
    FindingType(
        "nested-kept-as-json",
        "info",
        _("Nested values kept as JSON text"),
        _("%(column)s holds %(reason)s; each value is kept as JSON text."),
    ),
    FindingType(
        "geometry-kept-as-json",
        "warning",
        _("Geometries kept as GeoJSON text"),
        _("Row %(row)s holds %(reason)s, so that %(column)s is kept as GeoJSON text and not as well-known binary."),
        _("Correct the geometry and upload the file again."),
    ),
    FindingType(
        "types-mixed",
        "warning",
        _("Several types in one column"),
        _("%(column)s holds %(types)s; the column stays text."),
    ),
    FindingType(
        "century-doubtful",
        "warning",
        _("Which century?"),
        _(
            "The years in %(column)s (such as %(value)s) have two digits, and no date in the column says which "
            "century they are of; the column stays text."
        ),
        _("Say which, or write the years with four digits."),
    ),
    FindingType(
        "units-mixed",
        "warning",
        _("Several units in one column"),
        _("The numbers in %(column)s (such as %(value)s) are in several units (%(units)s); the column stays text."),
        _("Convert the values to one unit, or keep a column for each."),
    ),
    FindingType(
        "time-doubtful",
        "warning",
        _("Times of day or durations?"),
        _("The values in %(column)s (such as %(value)s) may be times of day or durations; the column stays text."),
        _("Say which, or write times of day as 09:30:00."),
    ),
    FindingType(
        "missing-value-doubtful",
        "warning",
        _("A number that may mean: no value"),
        _("%(column)s holds %(tokens)s, far from its other numbers; it was kept as a number."),
        _("Say whether it means that there is no value."),
    ),
    FindingType(
        "number-not-exact",
        "warning",
        _("Numbers with more digits than a number can hold"),
        _("%(column)s holds numbers such as %(value)s that would lose digits; the column stays text."),
    ),
)
