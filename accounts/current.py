"""The region that the user looks at: from the address, kept in the session."""

from accounts.access import ConsoleRequest
from accounts.regions import BY_ID, DEFAULT_REGION, Region

REGION_KEY = "region"


def current_region(request: ConsoleRequest) -> Region:
    """`?region=` wins and is kept; an unknown region is as good as none."""
    wanted = request.GET.get("region", "")
    if wanted in BY_ID:
        request.session[REGION_KEY] = wanted
    region = BY_ID.get(request.session.get(REGION_KEY, ""), DEFAULT_REGION)
    request.region = region  # type: ignore[attr-defined]
    return region
