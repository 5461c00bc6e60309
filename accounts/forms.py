"""Forms of signing in, setting up and members. They validate; services write."""

from typing import Any, Final

from django import forms
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm, PasswordChangeForm
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import setup_code
from accounts.answers import TEXTS, Code, messages
from accounts.models import Account, Membership, Role, User
from accounts.refusal import Refused

PASSWORD_HELP = _("At least 12 characters; not digits only, and not a password that many use.")

ROLES: Final[list[tuple[str, "str | Promise"]]] = [
    (Role.VIEWER.value, _("Viewer: sees everything but secrets")),
    (Role.OPERATOR.value, _("Operator: also creates, changes, deletes, and reveals secrets")),
    (Role.ADMIN.value, _("Administrator: also manages the members")),
]


def refuse_in(form: forms.BaseForm, refused: Refused) -> None:
    """Say a service's refusal where the form says its own."""
    for finding, text in zip(refused.findings, messages(refused), strict=True):
        form.add_error(finding.field or None, text)


def _dress(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        if not isinstance(field.widget, forms.RadioSelect):
            field.widget.attrs["class"] = "form-control"


class SignInForm(AuthenticationForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)


class ChangePasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = PASSWORD_HELP
        self.fields["new_password2"].help_text = ""
        _dress(self)


class AdministratorForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """An account and the person who runs it."""

    account_name = forms.CharField(
        label=_("Account name"),
        max_length=Account._meta.get_field("name").max_length,
        help_text=_("The company or team whose connections these are."),
    )

    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ("username",)

    field_order = ("code", "account_name", "username", "password1", "password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = ""
        self.fields["username"].widget.attrs.pop("autofocus", None)
        self.fields["password1"].help_text = PASSWORD_HELP
        self.fields["password2"].help_text = ""
        _dress(self)


class SetupForm(AdministratorForm):
    code = forms.CharField(
        label=_("Setup code"),
        help_text=_("It is in the file setup-code in the console's data directory (VAR_DIR)."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not setup_code.matches(code):
            raise forms.ValidationError(str(TEXTS[Code.SETUP_CODE_WRONG]))
        return code


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=forms.RadioSelect)

    def chosen_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    @classmethod
    def of(cls, membership: Membership) -> "RoleForm":
        return cls(initial={"role": membership.role})


class NewMemberForm(RoleForm):
    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        validators=User._meta.get_field("username").validators,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        help_text=_("Letters, digits and @ . + - _"),
    )

    field_order = ("username", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.VIEWER.value
        _dress(self)
