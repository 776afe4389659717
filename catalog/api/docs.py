from csp.constants import SELF
from csp.decorators import csp_replace
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularSwaggerSplitView


@method_decorator(csp_replace({"style-src": [SELF, "'unsafe-inline'"], "img-src": [SELF, "data:"]}), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """The browsable documentation, served from here: no script inline, nothing from elsewhere.

    Swagger UI sets style attributes; only this page may.
    """
