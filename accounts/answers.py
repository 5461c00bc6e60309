"""What the services of this app refuse, and the words for it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.refusal import Refused


class Code(StrEnum):
    SETUP_DONE = "setup_done"
    SETUP_CODE_WRONG = "setup_code_wrong"
    USERNAME_TAKEN = "username_taken"
    MEMBER_GONE = "member_gone"
    LAST_ADMINISTRATOR = "last_administrator"
    PASSWORD_OF_OWN = "password_of_own"  # noqa: S105 - a code
    PASSWORD_SHARED = "password_shared"  # noqa: S105 - a code
    ACCOUNT_AMBIGUOUS = "account_ambiguous"


TEXTS: Final[Mapping[Code, "str | Promise"]] = {
    Code.SETUP_DONE: _("This console has been set up already: sign in."),
    Code.SETUP_CODE_WRONG: _("This is not the setup code: type what the file setup-code holds."),
    Code.USERNAME_TAKEN: _("A user has this name already: choose another one."),
    Code.MEMBER_GONE: _("This member has been removed meanwhile."),
    Code.LAST_ADMINISTRATOR: _(
        "%(username)s is the account's last administrator: make another member administrator first."
    ),
    Code.PASSWORD_OF_OWN: _("This is your own password: change it in the menu at the top right."),
    Code.PASSWORD_SHARED: _(
        "%(username)s belongs to other accounts, too: only who runs the console can set this password."
    ),
    Code.ACCOUNT_AMBIGUOUS: _("Several accounts are called %(name)s: give the UID instead."),
}


def messages(refused: Refused) -> list[str]:
    """The reasons in the language active now."""
    return [str(TEXTS[Code(finding.code)]) % finding.params for finding in refused.findings]
