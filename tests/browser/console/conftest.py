"""Browsers for the console's tests: Debian's Chromium, two sizes, signed in as somebody of the demo."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

SIZES = {"phone": (390, 844), "desk": (1440, 900)}
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 15_000

OpenAs = Callable[..., Page]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = shutil.which("chromium")
    where = {} if found is None else {"executable_path": found}
    return {**browser_type_launch_args, **where, "args": FLAGS}


@pytest.fixture
def open_as(browser: Browser, live_server: str) -> Iterator[OpenAs]:
    """`open_as("sam", "/console/orders", size="phone")`: a page of its own browser; who None: a visitor.

    The test fails when a page threw, so that no error is swallowed.
    """
    opened: list[BrowserContext] = []
    thrown: list[str] = []

    def open_page(
        who: str | None, path: str, *, size: str = "desk", locale: str = "en-GB", dark: bool = False
    ) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=live_server,
            viewport={"width": width, "height": height},
            locale=locale,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            is_mobile=size == "phone",
            has_touch=size == "phone",
            accept_downloads=True,
        )
        opened.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if who is not None:
            answer = context.request.post(
                "/api/demo/sign-in",
                data={"email": f"{who}@demo.halles.example"},
                headers={"origin": live_server},
            )
            assert answer.ok, answer.text()
        page = context.new_page()
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(path)
        page.wait_for_selector("h1")
        return page

    yield open_page
    for context in opened:
        context.close()
    assert thrown == []
