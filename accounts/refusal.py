"""How a service says no."""

from collections.abc import Callable, Iterable

from ipsec.findings import Finding, Severity


class Refused(Exception):  # noqa: N818 - an answer to the user, not a malfunction
    """A write that a rule forbids. Nothing was written; `findings` say which field, which rule and why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(", ".join(f"{finding.field}: {finding.code}" for finding in self.findings))


def refuse(field: str, code: str, **params: str | int) -> Refused:
    return Refused([Finding(field, code, Severity.ERROR, params)])


def refusals(change: Callable[[], object]) -> tuple[Finding, ...]:
    """Change it, or say why not."""
    try:
        change()
    except Refused as refused:
        return refused.findings
    return ()
