"""The product as a newcomer starts it, and Chromium in front of it."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from product import Console, start
from words import Words

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "demo password of a test"
PICTURES = Path(os.environ.get("PICTURES", "")) if os.environ.get("PICTURES") else None
WIDTHS = (1280, 390)

PATIENCE = 20_000
"""Milliseconds until something is not to be seen, on a machine that has much else to do."""
expect.set_options(timeout=PATIENCE)

NewPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """The whole product with its demo, new for each file: one file's connections do not refuse another's."""
    running = start(tmp_path_factory.mktemp("browser") / "var", DEMO_PASSWORD=PASSWORD)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Gone with its module: while Playwright's event loop runs, Django takes every test for asynchronous."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        message = "needs Chromium: apt-get install chromium fonts-noto-cjk"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(console: Console, chromium: Browser) -> Iterator[NewPage]:
    """A page in a language, signed in as the demo's administrator unless `user` is empty."""
    contexts: list[BrowserContext] = []

    def make(words: Words, *, user: str = "demo", width: int = 1280, **options: object) -> Page:
        context = chromium.new_context(
            base_url=f"http://127.0.0.1:{console.port}",
            locale=words.locale,
            viewport={"width": width, "height": 900},
            accept_downloads=True,
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        if user:
            sign_in(page, words, user)
        return page

    yield make
    for context in contexts:
        context.close()


def sign_in(page: Page, words: Words, user: str) -> None:
    page.goto("/signin/")
    page.get_by_label(words.username, exact=True).fill(user)
    page.get_by_label(words.password, exact=True).fill(PASSWORD)
    page.get_by_role("button", name=words.sign_in, exact=True).click()
    page.wait_for_url(re.compile(r":\d+/$"))


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keep pictures of a page at both widths where PICTURES names a directory."""

    def take(page: Page, name: str) -> None:
        if PICTURES is None:
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
        if before:
            page.set_viewport_size(before)

    return take
