"""For load balancers and for people: ``/healthz`` says alive, ``/readyz`` says what works."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from catalog.health import readiness


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 -- Django hands every view a request.
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    checks = readiness()
    ready = all(state == "ok" for state in checks.values())
    return JsonResponse({"status": "ready" if ready else "not ready", "checks": checks}, status=200 if ready else 503)
