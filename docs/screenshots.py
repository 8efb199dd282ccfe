"""Write the pictures of docs/images: the explorer of a proxy session, and the coverage report of an example.

Run from the checkout, with Debian's packages chromium and chromium-driver: ``python docs/screenshots.py``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
IMAGES = TOP / "docs" / "images"
EXAMPLE = TOP / "examples" / "boto3_service"
SIZE = (1180, 800)


def main() -> None:
    """Make both pages, and save what a reader sees of them."""
    sys.path.insert(0, str(TOP))
    from chime_fixtures.chime.contracts import load_contract
    from chime_fixtures.contract_coverage.page import render_page
    from tests.support.browser import ABSENT, browser

    if ABSENT:
        sys.exit(ABSENT)
    with tempfile.TemporaryDirectory() as name, browser() as chromium:
        folder = Path(name)
        explorer = folder / "explorer.html"
        explorer.write_text(render_page(load_contract("ProxySession")), encoding="utf-8")
        chromium.view(size=SIZE)
        chromium.open(f"{explorer.as_uri()}#/Participants/*/PhoneNumber")
        chromium.disclose("#detail > .constraint:nth-of-type(2)")
        chromium.disclose("#detail .case:first-child")
        chromium.save(IMAGES / "explorer.png")
        options = ("--chime-cov", f"--chime-cov-report=html:{folder / 'report'}", "-p", "no:cacheprovider", "-q")
        subprocess.run([sys.executable, "-m", "pytest", *options], cwd=EXAMPLE, check=True)
        chromium.view(size=SIZE, dark=True)
        chromium.open(f"{(folder / 'report' / 'index.html').as_uri()}#/Status")
        chromium.disclose("#detail > .constraint:first-of-type")
        chromium.save(IMAGES / "coverage.png")


if __name__ == "__main__":
    main()
