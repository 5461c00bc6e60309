from django.urls import path

from accounts import audit_views, views

app_name = "accounts"

urlpatterns = [
    path("audit/", audit_views.trail, name="audit"),
    path("audit/export/", audit_views.export, name="audit-export"),
    path("members/", views.members, name="members"),
    path("members/add/", views.add_member, name="add-member"),
    path("members/<str:member_id>/role/", views.change_role, name="change-role"),
    path("members/<str:member_id>/password/", views.reset_password, name="reset-password"),
    path("members/<str:member_id>/remove/", views.remove_member, name="remove-member"),
]
