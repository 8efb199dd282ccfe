"""Chromium, driven by selenium: Debian's packages chromium and chromium-driver, or others of these names on the path."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
CHROMEDRIVER = shutil.which("chromedriver")
ABSENT = None if CHROMIUM and CHROMEDRIVER else "chromium and chromedriver are not installed"

PHONE = (390, 844)
DESKTOP = (1280, 900)
"""Widths and heights in pixels."""

MAX_WAIT_SECONDS = 20
POLL_SECONDS = 0.05

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    # No name is resolved, so that nothing leaves the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class Browser:
    """A page in Chromium.

    Attributes:
        driver: selenium's driver.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def view(self, *, size: tuple[int, int] = DESKTOP, dark: bool = False) -> None:
        """Set the size of the window in pixels and the system's colours."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def open(self, address: str | Path) -> None:
        """Open the page of a contract from a file or an address; another fragment of the same page loads it anew."""
        self.driver.get("about:blank")
        self.errors()
        self.requests()
        self.driver.get(address.as_uri() if isinstance(address, Path) else address)
        self.wait("return document.querySelector('#detail')?.childElementCount > 0")

    def wait(self, script: str, *arguments: Any) -> None:
        """Wait until a script returns true."""
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self.driver, MAX_WAIT_SECONDS, POLL_SECONDS).until(lambda _: self.run(script, *arguments))

    def disclose(self, selector: str) -> None:
        """Open each disclosure of a selector, and wait for their content."""
        self.run("for (const each of document.querySelectorAll(arguments[0])) each.open = true", selector)
        each_is_full = "return [...document.querySelectorAll(arguments[0])].every((each) => each.childElementCount > 1)"
        self.wait(each_is_full, selector)

    def run(self, script: str, *arguments: Any) -> Any:
        """The value that a script returns."""
        return self.driver.execute_script(script, *arguments)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver, duration=0).send_keys(key).perform()

    def click(self, selector: str) -> None:
        """Click the first element of a selector."""
        from selenium.webdriver.common.by import By

        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def text(self, selector: str) -> str:
        """The text of the first element of a selector, as it is shown."""
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def errors(self) -> list[str]:
        """The messages of the console since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were requested since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in sent]

    def is_too_wide(self) -> bool:
        """True if the page has to be scrolled sideways."""
        return bool(self.run("return document.documentElement.scrollWidth > window.innerWidth"))

    def save(self, path: Path) -> None:
        """Save what is on the screen as a PNG file."""
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        path.write_bytes(base64.b64decode(shot["data"]))


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Chromium without a window; selenium neither looks for a driver nor reports its use."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    os.environ |= {"SE_OFFLINE": "true", "SE_AVOID_STATS": "true"}
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for option in _OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
