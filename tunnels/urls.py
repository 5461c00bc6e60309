from django.urls import path

from tunnels import views

app_name = "tunnels"
urlpatterns = [
    path("<str:tunnel_id>/", views.detail, name="detail"),
    path("<str:tunnel_id>/live/", views.live, name="live"),
    path("<str:tunnel_id>/events/", views.events, name="events"),
    path("<str:tunnel_id>/key/", views.key, name="key"),
    path("<str:tunnel_id>/reveal/", views.reveal, name="reveal"),
    path("<str:tunnel_id>/reset/", views.reset, name="reset"),
    path("<str:tunnel_id>/traffic/", views.traffic, name="traffic"),
    path("<str:tunnel_id>/peer/", views.peer, name="peer"),
    path("<str:tunnel_id>/gateway-address/", views.gateway_address, name="gateway-address"),
]
