"""Icons as inline SVG. Each is read and written out once in a process: a page has dozens of them."""

from functools import lru_cache
from typing import Final

from django.utils.safestring import SafeString
from heroicons.templatetags import heroicons

STYLES: Final = {
    "micro": heroicons.heroicon_micro,
    "mini": heroicons.heroicon_mini,
    "outline": heroicons.heroicon_outline,
}
SIZES: Final = {"micro": 16, "mini": 20, "outline": 24}


@lru_cache(maxsize=256)
def icon(style: str, name: str, size: int = 0) -> SafeString:
    """`style` is micro, mini or outline; without `size` the icon has its style's own."""
    drawn = STYLES[style](name, size=size or SIZES[style])
    return SafeString(" ".join(str(drawn).split()))
