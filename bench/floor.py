"""The floor: a bare Django of three middlewares with tunnels of its own, as quick as such pages can be made.

List of 50 rows by keyset, detail, a form of six fields and what it creates (11 statements without BEGIN and
COMMIT), and a contains-search that no index helps.
"""

import os
import sys
from typing import Any

import dj_database_url
import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="floor" * 20,
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    ROOT_URLCONF=__name__,
    DATABASES={"default": dj_database_url.parse(os.environ["FLOOR_DATABASE_URL"], conn_max_age=300)},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    USE_TZ=True,
)
django.setup()

from django import forms  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402

PAGE = 50


class Profile(models.Model):
    name = models.CharField(max_length=100)

    class Meta:
        app_label = "floor"


class Tunnel(models.Model):
    name = models.CharField(max_length=100, db_index=True)
    description = models.CharField(max_length=200)
    status = models.CharField(max_length=20)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT)
    ike = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    esp = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "floor"


class Endpoint(models.Model):
    tunnel = models.ForeignKey(Tunnel, on_delete=models.CASCADE, related_name="endpoints")
    role = models.CharField(max_length=10)
    address = models.CharField(max_length=40)

    class Meta:
        app_label = "floor"


class TunnelForm(forms.ModelForm):
    class Meta:
        model = Tunnel
        fields = ("name", "description", "status", "profile", "ike", "esp")


engine = engines["django"]
LIST = engine.from_string(
    "<!doctype html><title>Tunnels</title><table>{% for t in rows %}<tr><td><a href='/detail/{{ t.pk }}/'>"
    "{{ t.name }}</a></td><td>{{ t.description }}</td><td>{{ t.status }}</td><td>{{ t.profile.name }}</td>"
    "<td>{{ t.created|date:'c' }}</td><td>{{ t.pk }}</td></tr>{% endfor %}</table>"
    "{% if rows %}<a href='?after={{ last }}'>next</a>{% endif %}"
)
DETAIL = engine.from_string(
    "<!doctype html><title>{{ t.name }}</title><dl><dt>Name<dd>{{ t.name }}<dt>Description"
    "<dd>{{ t.description }}<dt>Status<dd>{{ t.status }}<dt>Profile<dd>{{ t.profile.name }}</dl>"
    "<ul>{% for e in ends %}<li>{{ e.role }} {{ e.address }}</li>{% endfor %}</ul>"
)
FORM = engine.from_string("<!doctype html><form method='post'>{% csrf_token %}{{ form.as_p }}</form>")


@login_required
def tunnels(request: HttpRequest) -> HttpResponse:
    rows = Tunnel.objects.select_related("profile").order_by("-pk")
    if after := request.GET.get("after"):
        rows = rows.filter(pk__lt=after)
    if text := request.GET.get("q"):
        rows = rows.filter(Q(name__icontains=text) | Q(description__icontains=text))
    found = [*rows[:PAGE]]
    context = {"rows": found, "last": found[-1].pk if found else ""}
    return HttpResponse(LIST.render(context, request))


@login_required
def detail(request: HttpRequest, key: int) -> HttpResponse:
    tunnel = get_object_or_404(Tunnel.objects.select_related("profile"), pk=key)
    return HttpResponse(DETAIL.render({"t": tunnel, "ends": tunnel.endpoints.all()}, request))


@login_required
def add(request: HttpRequest) -> HttpResponse:
    form = TunnelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            tunnel = form.save()
            for role in ("left", "right"):
                Endpoint.objects.create(tunnel=tunnel, role=role, address="203.0.113.1")
        return HttpResponseRedirect(f"/detail/{tunnel.pk}/")
    return HttpResponse(FORM.render({"form": form}, request))


urlpatterns = [path("", tunnels), path("detail/<int:key>/", detail), path("add/", add)]
application = get_wsgi_application()


def seed(number: int) -> str:
    """Fill an empty database; the session key of a user who is signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in (Profile, Tunnel, Endpoint):
            editor.create_model(model)
    Profile.objects.bulk_create(Profile(name=f"profile {one}") for one in range(50))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO floor_tunnel (name, description, status, profile_id, ike_id, esp_id, created)"
            " SELECT 'site-' || lpad(n::text, 6, '0'), 'branch ' || n || CASE WHEN n %% 88 = 0 THEN ' harbour' ELSE '' END"
            " || CASE WHEN n %% 12500 = 0 THEN ' lighthouse' ELSE '' END, 'active', 1 + n %% 50, 1 + n %% 50, 1 + n %% 50, now()"
            " FROM generate_series(1, %s) n",
            [number],
        )
        cursor.execute(
            "INSERT INTO floor_endpoint (tunnel_id, role, address) SELECT id, role, '203.0.113.1'"
            " FROM floor_tunnel, (VALUES ('left'), ('right')) roles(role)"
        )
        cursor.execute("VACUUM ANALYZE")
    user: Any = get_user_model().objects.create_user("floor")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    sys.stdout.write(seed(int(sys.argv[1])) + "\n")
