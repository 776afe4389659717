"""A version's embargo and deprecation may change after publication; what was signed, and a dataset's names, may not."""

from django.db import migrations

FROZEN = """
CREATE OR REPLACE FUNCTION catalog_refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept catalog_version;
BEGIN
    IF OLD.state NOT IN ('published', 'withdrawn') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'withdrawn' THEN
        NEW := jsonb_populate_record(OLD, jsonb_build_object(
            'state', NEW.state, 'withdrawn_at', NEW.withdrawn_at, 'withdrawn_reason', NEW.withdrawn_reason));
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        -- Who gets the bytes when, and what to use in their place, is said about a version and is no part of it.
        kept := NEW;
        kept.embargo_until := OLD.embargo_until;
        kept.embargo_noted_at := OLD.embargo_noted_at;
        kept.deprecated_at := OLD.deprecated_at;
        kept.deprecated_reason := OLD.deprecated_reason;
        kept.successor_id := OLD.successor_id;
        IF kept IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'version % is % and never changes', OLD.id, OLD.state USING ERRCODE = 'insufficient_privilege';
END $$;
"""

UNDO_FROZEN = """
CREATE OR REPLACE FUNCTION catalog_refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""

SIGNED = """
CREATE FUNCTION catalog_refuse_agreement_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % never changes', TG_TABLE_NAME, OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER agreement_is_immutable BEFORE UPDATE OR DELETE ON catalog_agreement
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_agreement_change();
CREATE TRIGGER signature_is_immutable BEFORE UPDATE OR DELETE ON catalog_signature
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_agreement_change();
"""

UNDO_SIGNED = """
DROP TRIGGER agreement_is_immutable ON catalog_agreement;
DROP TRIGGER signature_is_immutable ON catalog_signature;
DROP FUNCTION catalog_refuse_agreement_change();
"""

NAMES = """
INSERT INTO catalog_datasetname (organization_id, slug, dataset_id)
    SELECT organization_id, slug, id FROM catalog_dataset ON CONFLICT DO NOTHING;
CREATE FUNCTION catalog_keep_dataset_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_datasetname (organization_id, slug, dataset_id)
        VALUES (NEW.organization_id, NEW.slug, NEW.id)
        ON CONFLICT (organization_id, slug) DO UPDATE SET dataset_id = NEW.id
            WHERE catalog_datasetname.dataset_id = NEW.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'another dataset was called % once', NEW.slug USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER dataset_name_is_kept AFTER INSERT OR UPDATE OF organization_id, slug ON catalog_dataset
    FOR EACH ROW EXECUTE FUNCTION catalog_keep_dataset_name();
"""

UNDO_NAMES = """
DROP TRIGGER dataset_name_is_kept ON catalog_dataset;
DROP FUNCTION catalog_keep_dataset_name();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_access")]

    operations = [
        migrations.RunSQL(FROZEN, UNDO_FROZEN),
        migrations.RunSQL(SIGNED, UNDO_SIGNED),
        migrations.RunSQL(NAMES, UNDO_NAMES),
    ]
