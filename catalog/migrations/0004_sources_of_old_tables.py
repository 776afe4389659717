"""Tables from before sources were kept get the one file that made them; then sources are frozen as their tables are."""

from django.db import migrations

FILL = """
INSERT INTO catalog_resourcesource (
    resource_id, position, mode, key, counts, part_count, rows, filename, sha256, bytes, media_type, schema, source,
    recipe, findings_count, findings_sha256, pipeline_version, upload_id, received_at, inherited
)
SELECT id, 0, 'replace', '[]', '{}', 0, rows, original_filename, original_sha256, original_bytes, original_media_type,
    NULL, source, recipe, findings_count, findings_sha256, pipeline_version, upload_id, created, false
FROM catalog_resource;
-- The checks that wait for the end of the transaction come first, or the table could not be given a trigger.
SET CONSTRAINTS ALL IMMEDIATE;
"""

GUARD = """
CREATE OR REPLACE FUNCTION catalog_refuse_resource_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    version_of bigint;
    state_of text;
BEGIN
    IF TG_TABLE_NAME IN ('catalog_part', 'catalog_resourcesource') THEN
        SELECT version_id INTO version_of FROM catalog_resource
            WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.resource_id ELSE OLD.resource_id END;
    ELSE
        version_of := CASE TG_OP WHEN 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
    END IF;
    SELECT state INTO state_of FROM catalog_version WHERE id = version_of;
    IF state_of IN ('published', 'withdrawn') THEN
        RAISE EXCEPTION 'version % is % and its tables never change', version_of, state_of
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER source_is_immutable_once_published BEFORE INSERT OR UPDATE OR DELETE ON catalog_resourcesource
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_resource_change();
"""

# The function stays as it is: what it says of parts and resources is what it said before.
UNGUARD = "DROP TRIGGER source_is_immutable_once_published ON catalog_resourcesource;"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_sources")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
