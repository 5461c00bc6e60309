"""The region that the user looks at: from the address, kept in the session."""

from accounts.access import ConsoleRequest
from accounts.regions import BY_ID, DEFAULT_REGION, Region

REGION_KEY = "region"


def current_region(request: ConsoleRequest) -> Region:
    """`?region=` wins and is kept; an unknown region is as good as none."""
    wanted = request.GET.get("region", "")
    if wanted in BY_ID:
        go_to_region(request, wanted)
    region = BY_ID.get(request.session.get(REGION_KEY, ""), DEFAULT_REGION)
    request.region = region  # type: ignore[attr-defined]
    return region


def go_to_region(request: ConsoleRequest, region_id: str) -> None:
    """From now on pages show this region. A session that is told nothing new is not written."""
    if request.session.get(REGION_KEY) != region_id:
        request.session[REGION_KEY] = region_id
