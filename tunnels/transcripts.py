"""Transcripts and lives as JSON and back. They hold no secret, so neither do the columns they are kept in."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final

from ipsec.lifecycle import Life, Sa
from ipsec.transcript import Phase, Refusal, Rekey, Side, Step, StepKind, Transcript

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def encode(value: Any) -> Any:
    """Dataclasses and mappings to objects, tuples to lists, enumerations to their values, dates to text."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple or kind is list:
        return [encode(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    return {name: encode(getattr(value, name)) for name in _names(value.__class__)}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def decode(stored: Mapping[str, Any]) -> Transcript:
    """What `encode` made of a transcript. Raises KeyError, TypeError or ValueError for anything else."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    values["steps"] = tuple(_step(step) for step in stored["steps"])
    values["refusal"] = decode_refusal(stored["refusal"])
    values["further"] = tuple(decode_refusal(refusal) for refusal in stored["further"])
    values["later"] = tuple(decode_refusal(refusal) for refusal in stored["later"])
    values["rekeys"] = tuple(Rekey(**{**rekey, "by": Side(rekey["by"])}) for rekey in stored["rekeys"])
    return Transcript(**values)


def decode_refusal(stored: Mapping[str, Any] | None) -> Refusal | None:
    if stored is None:
        return None
    phase, side = Phase(stored["phase"]), Side(stored["decided_by"])
    return Refusal(**{**stored, "phase": phase, "decided_by": side})


def _step(stored: Mapping[str, Any]) -> Step:
    typed = {
        "kind": StepKind(stored["kind"]),
        "phase": Phase(stored["phase"]),
        "sender": Side(stored["sender"]),
        "payloads": tuple(stored["payloads"]),
        "refusal": decode_refusal(stored["refusal"]),
    }
    return Step(**{**stored, **typed})


def decode_life(stored: Mapping[str, Any]) -> Life:
    """What `encode` made of a life. Raises KeyError, TypeError or ValueError for anything else."""
    child = stored["child"]
    values = {
        **_dated(stored),
        "ike": _sa(stored["ike"]),
        "child": _sa(child) if child else None,
        **{name: tuple(stored[name]) for name in ("asked", "local_ts", "remote_ts")},
    }
    return Life(**values)


def _sa(stored: Mapping[str, Any]) -> Sa:
    return Sa(**{**_dated(stored), "by": Side(stored["by"])})


def _dated(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Dates have names that end in `_at` or `_since`."""
    return {
        name: datetime.fromisoformat(value) if value and name.endswith(("_at", "_since")) else value
        for name, value in stored.items()
    }
