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


register_converter(SlugConverter, "cfslug")
register_converter(VersionConverter, "cfversion")
