"""A lab that is missing is a failure in CI, and elsewhere a skip that says what to install.

A test that needs less than the whole lab says so: `pytest.mark.daemon(needs=("swanctl",))`.
"""

import os

import pytest

from lab.daemon import missing


@pytest.fixture(autouse=True)
def complete_lab(request: pytest.FixtureRequest) -> None:
    marker = request.node.get_closest_marker("daemon")
    lacking = missing(**marker.kwargs) if marker else []
    if not lacking:
        return
    reason = f"this test needs {'; '.join(lacking)}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
