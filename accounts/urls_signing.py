from django.urls import path

from accounts import views_signing as views

urlpatterns = [
    path("signin/", views.sign_in, name="signin"),
    path("signout/", views.sign_out, name="signout"),
    path("setup/", views.setup, name="setup"),
    path("password/", views.change_password, name="change-password"),
    path("switch-account/", views.switch_account, name="switch-account"),
]
