"""Path segments: only what can be a slug or a version reaches a view."""

from django.urls import register_converter

from catalog.slugs import SLUG


class SlugConverter:
    regex = SLUG.pattern

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class VersionConverter(SlugConverter):
    regex = r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}|latest|draft"


class ShaConverter(SlugConverter):
    regex = "[0-9a-f]{64}"


class ExportConverter(SlugConverter):
    """The extensions of the formats that a table is made into."""

    regex = "csv|json|ndjson|arrow|xlsx"


register_converter(SlugConverter, "cfslug")
register_converter(VersionConverter, "cfversion")
register_converter(ExportConverter, "cfexport")
register_converter(ShaConverter, "cfsha")
