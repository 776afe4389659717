"""What must never happen is refused by the database itself: a changed audit trail, a changed published version."""

from django.db import migrations

AUDIT = r"""
CREATE FUNCTION catalog_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        RETURN NULL;  -- Django names its test databases so and empties them between tests; no other may be.
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON catalog_auditevent
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_audit_change();
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON catalog_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_audit_change();
"""

VERSION = """
CREATE FUNCTION catalog_refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('published', 'withdrawn') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'withdrawn' THEN
        NEW := jsonb_populate_record(OLD, jsonb_build_object(
            'state', NEW.state, 'withdrawn_at', NEW.withdrawn_at, 'withdrawn_reason', NEW.withdrawn_reason));
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % is % and never changes', OLD.id, OLD.state USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER version_is_immutable_once_published BEFORE UPDATE OR DELETE ON catalog_version
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_version_change();
"""

RESOURCE = """
CREATE FUNCTION catalog_refuse_resource_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    version_of bigint;
    state_of text;
BEGIN
    IF TG_TABLE_NAME = 'catalog_part' THEN
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
CREATE TRIGGER resource_is_immutable_once_published BEFORE INSERT OR UPDATE OR DELETE ON catalog_resource
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_resource_change();
CREATE TRIGGER part_is_immutable_once_published BEFORE INSERT OR UPDATE OR DELETE ON catalog_part
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_resource_change();
"""

UNDO_AUDIT = r"""
DROP TRIGGER audit_is_append_only ON catalog_auditevent;
DROP TRIGGER audit_is_never_emptied ON catalog_auditevent;
DROP FUNCTION catalog_refuse_audit_change();
"""
UNDO_VERSION = """
DROP TRIGGER version_is_immutable_once_published ON catalog_version;
DROP FUNCTION catalog_refuse_version_change();
"""
UNDO_RESOURCE = """
DROP TRIGGER resource_is_immutable_once_published ON catalog_resource;
DROP TRIGGER part_is_immutable_once_published ON catalog_part;
DROP FUNCTION catalog_refuse_resource_change();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.RunSQL(AUDIT, UNDO_AUDIT),
        migrations.RunSQL(VERSION, UNDO_VERSION),
        migrations.RunSQL(RESOURCE, UNDO_RESOURCE),
    ]
