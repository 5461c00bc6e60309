from django.urls import path

from connections.views import (
    actions,
    creation,
    editing,
    filters,
    grants,
    overview,
    pages,
    peer_files,
    rotation,
    routes,
)

app_name = "connections"
urlpatterns = [
    path("", pages.connection_list, name="list"),
    path("found/", pages.found, name="found"),
    path("rows/", pages.rows, name="rows"),
    path("overview/", overview.live, name="overview-live"),
    path("new/", creation.create, name="create"),
    path("filters/", filters.save, name="save-filter"),
    path("filters/<str:filter_id>/delete/", filters.delete, name="delete-filter"),
    path("<str:connection_id>/", pages.detail, name="detail"),
    path("<str:connection_id>/live/", pages.live, name="live"),
    path("<str:connection_id>/routes/", routes.routes, name="routes"),
    path("<str:connection_id>/routes/add/", routes.add, name="add-route"),
    path("<str:connection_id>/routes/delete/", routes.delete, name="delete-route"),
    path("<str:connection_id>/routes/tie/", routes.tie, name="tie"),
    path("<str:connection_id>/edit/", editing.connection, name="edit"),
    path("<str:connection_id>/tunnels/<int:index>/edit/", editing.tunnel, name="edit-tunnel"),
    path("<str:connection_id>/tunnels/<int:index>/rotate-key/", rotation.rotate, name="rotate-key"),
    path("<str:connection_id>/grants/", grants.of_connection, name="grants"),
    path("<str:connection_id>/grants/add/", grants.add, name="add-grant"),
    path("grants/<str:grant_id>/revoke/", grants.revoke, name="revoke"),
    path("granted/<str:granted_id>/bind/", grants.bind, name="bind-granted"),
    path("granted/<str:granted_id>/unbind/", grants.unbind, name="unbind-granted"),
    path("<str:connection_id>/bind/", actions.put_on, name="bind"),
    path("<str:connection_id>/unbind/", actions.take_off, name="unbind"),
    path("<str:connection_id>/delete/", actions.delete, name="delete"),
    path("<str:connection_id>/peer-configuration/", peer_files.dialog, name="peer-configuration"),
    path(
        "<str:connection_id>/peer-configuration/<str:vendor>/",
        peer_files.dialog,
        name="peer-configuration-of",
    ),
    path(
        "<str:connection_id>/peer-configuration/<str:vendor>/reveal/",
        peer_files.reveal,
        name="peer-configuration-reveal",
    ),
    path(
        "<str:connection_id>/peer-configuration/<str:vendor>/download/", peer_files.download, name="download"
    ),
]
