from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # before Django is set up, a conftest may not import models
    from connection_cast import Cast, Form
    from django.test import Client

    from accounts.actor import Actor


@pytest.fixture
def cast(ana: "Actor") -> "Cast":
    """Ana's cloud and devices in Hangzhou."""
    from connection_cast import cast_of

    return cast_of(ana)


@pytest.fixture
def form(cast: "Cast") -> "Form":
    """The creation page as Ana fills it in: the least that can be saved."""
    from connection_cast import filled

    return filled(cast)


@pytest.fixture
def client(ana: "Actor", client_of: Any) -> "Client":
    """Ana's browser."""
    signed_in: Client = client_of(ana)
    return signed_in
