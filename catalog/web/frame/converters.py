"""Path segments of pages: only what can be a slug or a version reaches a view."""

from django.urls import register_converter

from catalog.slugs import SLUG


class OwnerConverter:
    """A short name of an organisation or a dataset."""

    regex = SLUG.pattern

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class VersionConverter(OwnerConverter):
    """A version as pages call it: its number, or ``draft`` while it is open."""

    regex = r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}|draft"


class ShaConverter(OwnerConverter):
    """A sha256 in hexadecimal digits."""

    regex = "[0-9a-f]{64}"


register_converter(OwnerConverter, "name")
register_converter(VersionConverter, "version")
register_converter(ShaConverter, "sha")
