"""When the key that secrets were written with is gone, the pages stay: they do not need the secrets."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from doors import GUARDED, Door, Estate, estate_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def estate(acme: Any) -> Estate:
    return estate_of(acme, 1)


@pytest.mark.parametrize("door", GUARDED, ids=str)
def test_every_page_opens(door: Door, estate: Estate, ana: Any, client_of: Any, settings: Any) -> None:
    client, url = client_of(ana), door.url(estate)
    before = client.get(url).status_code
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]

    assert client.get(url).status_code == before
