"""docs/rules.md says of every rule what it is and where it comes from."""

import re
from pathlib import Path

from django.conf import settings

from ipsec.rules import Code

LINE = re.compile(r"^\| (?P<codes>`\w+`(?:, `\w+`)*) \| .+ \| (?:console|ours)", re.M)


def told() -> list[str]:
    document = Path(settings.BASE_DIR, "docs", "rules.md").read_text(encoding="utf-8")
    return [code for line in LINE.finditer(document) for code in re.findall(r"`(\w+)`", line["codes"])]


def test_every_rule_is_told_once_and_none_that_is_gone() -> None:
    assert sorted(told()) == sorted(Code)
