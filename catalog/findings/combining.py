"""Of a file that is added to a table that there is."""

from django.utils.translation import gettext_lazy as _

from catalog.findings.kind import FindingType

TYPES = (
    FindingType(
        "table-not-found",
        "reject",
        _("There is no such table to add to"),
        _("It is not clear which table the file is to be added to; the dataset has %(tables)s."),
        _("Say which table it is, or upload the file as a new one."),
    ),
    FindingType(
        "several-tables",
        "reject",
        _("The file holds several tables"),
        _("The file holds %(number)s tables (%(tables)s); one table is added to another at a time."),
        _("Upload each table as a file of its own."),
    ),
    FindingType(
        "file-already-added",
        "reject",
        _("This very file is part of the table already"),
        _("%(value)s has the bytes of %(file)s, which the table was made from; its rows would stand there twice."),
        _("If they are to stand twice, change the file. To correct rows, update the table by key."),
    ),
    FindingType(
        "columns-not-in-table",
        "reject",
        _("Columns that the table does not have"),
        _("The file has %(number)s columns that the table does not have: %(columns)s."),
        _("Rename the columns to the table's names, or upload the file again and let it add columns."),
    ),
    FindingType(
        "column-type-differs",
        "reject",
        _("A column is of another type than the table's"),
        _("%(column)s is %(from)s in the file and %(to)s in the table, and its values can't be turned without loss."),
        _("Change the column in the file, or replace the table by one of the new type."),
    ),
    FindingType(
        "key-needed",
        "reject",
        _("There is no key to find rows by"),
        _("Neither the upload nor the table's schema says which columns are the key."),
        _("Name the key's columns, or declare a primary key in the schema."),
    ),
    FindingType(
        "key-column-absent",
        "reject",
        _("The key's columns are not there"),
        _("The key's column %(missing)s is not in the table."),
        _("Name columns that both the table and the file have."),
    ),
    FindingType(
        "key-column-unsuited",
        "reject",
        _("A column that can't be a key"),
        _("%(column)s holds lists or objects, by which rows can't be told apart."),
        _("Choose a column of numbers, texts or dates as the key."),
    ),
    FindingType(
        "key-missing",
        "reject",
        _("Rows without a key"),
        _("%(number)s rows have no value in %(key)s, such as row %(row)s: nobody can tell which row they mean."),
        _("Give each row its key and upload the file again. Rows without a key can be added, not updated."),
    ),
    FindingType(
        "key-repeated",
        "reject",
        _("A key that stands more than once in the file"),
        _("%(number)s rows share their %(key)s with another row of the file, such as %(value)s in row %(row)s."),
        _("Keep one row for each key and upload the file again."),
    ),
    FindingType(
        "key-not-unique",
        "reject",
        _("A key that stands more than once in the table"),
        _("%(number)s rows of the file meet several of the table: %(key)s %(value)s stands %(times)s times there."),
        _("Choose columns that tell the table's rows apart."),
    ),
    FindingType(
        "no-row-left",
        "reject",
        _("No row would be left"),
        _("The file's keys are those of all %(rows)s rows of the table."),
        _("To do without the table, take it out of the draft."),
    ),
    FindingType(
        "keys-unknown",
        "warning",
        _("Keys that the table does not have"),
        _("%(keys)s keys of the file are not in the table; there was nothing to delete for them."),
        _("Check that the file is meant for this table."),
    ),
    FindingType(
        "corrections-do-not-fit",
        "reject",
        _("No correction fits the table"),
        _("No correction of %(number)s fits: the cells are not any more what was seen, or the rows are gone."),
        _("Look at the corrections: withdraw those that are done with, and propose anew what still is wrong."),
    ),
    FindingType(
        "corrections-left",
        "warning",
        _("Corrections that do not fit any more"),
        _("%(number)s accepted corrections were left out: their cells are not any more what was seen, or are gone."),
        _("Look at the corrections: withdraw those that are done with, and propose anew what still is wrong."),
    ),
    FindingType(
        "column-kept",
        "info",
        _("A column that the file does not have"),
        _("%(column)s is not in the file; rows that were updated keep its values, and new rows have none."),
    ),
)
