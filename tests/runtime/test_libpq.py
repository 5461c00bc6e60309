"""A program of PostgreSQL gets the password of DATABASE_URL where nobody else reads it."""

import pytest

from vpnconsole.runtime.libpq import parted


@pytest.mark.parametrize(
    ("url", "address", "password"),
    [
        ("postgres://u:secret@h:5432/n?sslmode=require", "postgres://u@h:5432/n?sslmode=require", "secret"),
        ("postgres://u:p%40%2F%25+%23x@h/n", "postgres://u@h/n", "p@/%+#x"),
        ("postgresql://u:a:b@[::1]:5/n", "postgresql://u@[::1]:5/n", "a:b"),
        ("postgres://u@h/n?password=p%26&sslmode=prefer", "postgres://u@h/n?sslmode=prefer", "p&"),
        ("postgres://u%40x:secret@h1:1,h2:2/n", "postgres://u%40x@h1:1,h2:2/n", "secret"),
        ("postgres://u@h/n", "postgres://u@h/n", ""),
        ("postgres:///n?host=/run/postgresql", "postgres:///n?host=/run/postgresql", ""),
    ],
)
def test_the_password_is_taken_out_of_the_address(url: str, address: str, password: str) -> None:
    assert parted(url) == (address, password)
