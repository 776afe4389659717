"""The least that a Django REST framework site can be: one view, a constant as large as a dataset's answer.

Nothing is asked of a database, nobody is looked for, nothing is counted, there is no middleware: what is measured is
what the framework itself costs on a server.
"""

from __future__ import annotations

import os

import django
from django.conf import settings

settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=[],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 -- there are no settings before.
from django.urls import path  # noqa: E402

from bench.bare_view import BareView  # noqa: E402

urlpatterns = [path("api/v1/datasets/<slug:owner>/<slug:dataset>", BareView.as_view())]
application = get_wsgi_application()
