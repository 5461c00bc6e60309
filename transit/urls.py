from django.urls import path

from transit.views import cens, groups, routers

app_name = "transit"
urlpatterns = [
    path("", cens.index, name="list"),
    path("create/", cens.create, name="create"),
    path("resource-groups/create/", groups.create, name="create-group"),
    path("resource-groups/<str:group_id>/delete/", groups.delete, name="delete-group"),
    path("transit-routers/<str:router_id>/delete/", routers.delete, name="delete-router"),
    path("transit-routers/<str:router_id>/cidrs/create/", routers.add_cidr, name="add-cidr"),
    path("cidrs/<str:cidr_id>/delete/", routers.remove_cidr, name="remove-cidr"),
    path("<str:cen_id>/", cens.detail, name="detail"),
    path("<str:cen_id>/delete/", cens.delete, name="delete"),
    path("<str:cen_id>/transit-routers/create/", routers.create, name="create-router"),
]
