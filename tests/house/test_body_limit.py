"""A body that is too long is answered by 413 before anything is read of it, in words."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

LIMIT: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def post(body: bytes, kind: str, language: str = "en") -> Any:
    client = Client()
    client.cookies["django_language"] = language
    return client.generic("POST", reverse("set-theme"), body, content_type=kind)


FORM, UPLOAD = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"


@pytest.mark.parametrize("kind", [FORM, UPLOAD, "application/octet-stream"])
@pytest.mark.parametrize(
    ("language", "words"), [("en", "At most 1.0"), ("zh-hans", "一次最多接收 1.0")], ids=["en", "zh"]
)
def test_one_byte_too_many(kind: str, language: str, words: str) -> None:
    answer = post(b"a" * (LIMIT + 1), kind, language)

    assert answer.status_code == 413
    assert words in answer.content.decode()
    assert answer["X-Request-Id"] in answer.content.decode()
    assert "Content-Security-Policy" in answer


def test_the_longest_that_is_taken() -> None:
    assert post(b"theme=" + b"a" * (LIMIT - 6), FORM).status_code == 302


def test_an_uploaded_file_counts_as_well() -> None:
    """Django's own limit leaves files out."""
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'

    assert post(head + b"a" * LIMIT + b"\r\n--b--\r\n", UPLOAD).status_code == 413
    assert post(head + b"a" * 1000 + b"\r\n--b--\r\n", UPLOAD).status_code == 302
