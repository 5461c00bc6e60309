from django.urls import path

from gateways import views

app_name = "gateways"
urlpatterns = [
    path("", views.index, name="list"),
    path("create/", views.create, name="create"),
    path("<str:gateway_id>/", views.detail, name="detail"),
    path("<str:gateway_id>/edit/", views.edit, name="edit"),
    path("<str:gateway_id>/delete/", views.delete, name="delete"),
]
