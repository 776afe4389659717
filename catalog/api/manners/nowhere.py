"""An address of the API that is none: a problem document, not a page."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.errors import NotFound


@extend_schema(exclude=True)
class NowhereView(APIView):
    """Whatever the method, there is nothing here."""

    def get(self, request: Request) -> Response:
        raise NotFound(remedy=_("See /api/v1/docs for the addresses that there are."))

    post = put = patch = delete = get


nowhere = NowhereView.as_view()
