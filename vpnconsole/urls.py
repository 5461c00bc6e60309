from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from connections.views.overview import overview
from vpnconsole import health, metrics, styleguide, views
from vpnconsole.environment import env_bool

urlpatterns = [
    path("", overview, name="home"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("theme/", views.set_theme, name="set-theme"),
    path("language/", set_language, name="set_language"),
    path("", include("accounts.urls_signing")),
    path("accounts/", include("accounts.urls")),
    path("cens/", include("transit.urls")),
    path("customer-gateways/", include("gateways.urls")),
    path("tunnels/", include("tunnels.urls")),
    path("connections/", include("connections.urls")),
]
if env_bool("STYLEGUIDE", settings.DEBUG):  # for who works on the pages
    urlpatterns.append(path("styleguide/", styleguide.styleguide, name="styleguide"))

handler400 = "vpnconsole.errors.bad_request"
handler403 = "vpnconsole.errors.permission_denied"
handler404 = "vpnconsole.errors.not_found"
handler500 = "vpnconsole.errors.server_error"
