"""A Django site that answers with what it read, behind the console's own WSGI entry."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path

LIMIT = 100_000  # bytes

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATA_UPLOAD_MAX_MEMORY_SIZE=LIMIT,
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY="echo",
)


def echo(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"body": request.body.decode(), "form": request.POST.dict()})


urlpatterns = [path("", echo)]

from vpnconsole.wsgi import application  # noqa: E402, F401 - after the settings
