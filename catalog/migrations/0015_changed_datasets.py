"""What search in a large catalog stands on: which transaction wrote a dataset last, indexes, and a function."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from catalog.unspaced import pairs_of

CHANGED = """
ALTER TABLE catalog_dataset ADD COLUMN changed_in xid8 NOT NULL DEFAULT '0'::xid8;
CREATE INDEX dataset_changed_in ON catalog_dataset (changed_in);
CREATE FUNCTION catalog_dataset_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER dataset_says_when_it_changed BEFORE INSERT OR UPDATE ON catalog_dataset
    FOR EACH ROW EXECUTE FUNCTION catalog_dataset_changed();
"""
UNDO = """
DROP TRIGGER dataset_says_when_it_changed ON catalog_dataset;
DROP FUNCTION catalog_dataset_changed();
ALTER TABLE catalog_dataset DROP COLUMN changed_in;
"""
TITLES = """
CREATE INDEX dataset_title_words ON catalog_dataset USING gin ((
    to_tsvector('english'::regconfig, COALESCE(title, '')) || to_tsvector('simple'::regconfig, COALESCE(title, ''))
));
"""
# The table is told to keep its rows small, since a common word is in most of them: long texts stand beside it. The
# planner doesn't count what it costs to fetch them, and would rather read every text than the index.
WORDS = """
ALTER TABLE catalog_dataset SET (toast_tuple_target = 256);
CREATE FUNCTION catalog_datasets_with(words text, OUT anywhere bigint[], OUT in_title bigint[])
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off AS $$
DECLARE
    asked tsquery := websearch_to_tsquery('english', words) || websearch_to_tsquery('simple', words);
BEGIN
    SELECT array_agg(id) INTO anywhere FROM catalog_dataset WHERE search_vector @@ asked;
    SELECT array_agg(id) INTO in_title FROM catalog_dataset WHERE to_tsvector('english'::regconfig, COALESCE(title, ''))
        || to_tsvector('simple'::regconfig, COALESCE(title, '')) @@ asked;
END $$;
"""
NO_WORDS = "DROP FUNCTION catalog_datasets_with; ALTER TABLE catalog_dataset RESET (toast_tuple_target);"


def index_pairs(apps: Any, editor: Any) -> None:
    """What is registered already is found by pairs of signs too; the next change of it gives them their weights."""
    datasets = apps.get_model("catalog", "Dataset").objects.order_by("pk").values_list("pk", "search_text")
    with editor.connection.cursor() as cursor:
        for pk, text in list(datasets.filter(search_text__regex=r"[^\u0001-\u0dff]")):
            if pairs := pairs_of(text[:100_000]):
                cursor.execute(
                    "UPDATE catalog_dataset SET search_vector = COALESCE(search_vector, '') || "
                    "setweight(to_tsvector('simple', %s), 'D') WHERE id = %s",
                    [pairs, pk],
                )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0014_quotas")]

    operations = [
        migrations.RunPython(index_pairs, migrations.RunPython.noop),
        migrations.RunSQL(CHANGED, UNDO),
        migrations.AddIndex(
            model_name="dataset",
            index=models.Index(fields=["title", "id"], name="dataset_by_title"),
        ),
        migrations.AddIndex(
            model_name="dataset",
            index=GinIndex(fields=["title"], name="dataset_title_trigrams", opclasses=["gin_trgm_ops"]),
        ),
        migrations.AddIndex(
            model_name="dataset",
            index=models.Index(
                condition=models.Q(latest__isnull=True) | models.Q(access="private"),
                fields=["organization"],
                name="dataset_not_open",
            ),
        ),
        migrations.RunSQL(TITLES, "DROP INDEX dataset_title_words"),
        migrations.RunSQL(WORDS, NO_WORDS),
    ]
