from django.urls import path

from tunnels import device_views, event_views, operation_views, views

app_name = "tunnels"
urlpatterns = [
    path("<str:tunnel_id>/", views.detail, name="detail"),
    path("<str:tunnel_id>/live/", views.live, name="live"),
    path("<str:tunnel_id>/rekey/", operation_views.rekey, name="rekey"),
    path("<str:tunnel_id>/service/", operation_views.service, name="service"),
    path("<str:tunnel_id>/clock/", operation_views.clock, name="clock"),
    path("<str:tunnel_id>/test/", operation_views.test, name="test"),
    path("<str:tunnel_id>/events/", event_views.page, name="events"),
    path("<str:tunnel_id>/events.csv", event_views.csv, name="events-csv"),
    path("<str:tunnel_id>/events.jsonl", event_views.jsonl, name="events-jsonl"),
    path("<str:tunnel_id>/ike.log", event_views.log, name="ike-log"),
    path("<str:tunnel_id>/events/<str:permalink>/", event_views.event, name="event"),
    path("<str:tunnel_id>/key/", views.key, name="key"),
    path("<str:tunnel_id>/reveal/", views.reveal, name="reveal"),
    path("<str:tunnel_id>/reset/", views.reset, name="reset"),
    path("<str:tunnel_id>/traffic/", views.traffic, name="traffic"),
    path("<str:tunnel_id>/peer/", views.peer, name="peer"),
    path("<str:tunnel_id>/gateway-address/", views.gateway_address, name="gateway-address"),
    path("<str:tunnel_id>/device/", device_views.page, name="device"),
    path("<str:tunnel_id>/device/state/", device_views.state, name="device-state"),
    path("<str:tunnel_id>/device/edit/", device_views.edit, name="device-edit"),
    path("<str:tunnel_id>/device/mirror/", device_views.mirror, name="device-mirror"),
    path("<str:tunnel_id>/device/take/", device_views.take, name="device-take"),
    path("<str:tunnel_id>/device/fault/", device_views.fault, name="device-fault"),
    path("<str:tunnel_id>/device/repair/", device_views.repair, name="device-repair"),
]
