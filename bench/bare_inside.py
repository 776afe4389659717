"""A view that does nothing as one more address of the product's site: what middleware and settings of the site cost."""

from __future__ import annotations

from deploy.wsgi import application  # Sets Django up, which all that follows needs.

# isort: split
from django.urls import path

from bench.bare_view import BareView
from deploy import urls

urls.urlpatterns.insert(0, path("bare/<slug:owner>/<slug:dataset>", BareView.as_view()))
__all__ = ["application"]
