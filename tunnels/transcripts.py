"""Transcripts as JSON and back. A transcript holds no secret, so neither does the column it is kept in."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

from ipsec.transcript import Phase, Refusal, Rekey, Side, Step, StepKind, Transcript


def encode(value: Any) -> Any:
    """Dataclasses and mappings to objects, tuples to lists, enumerations to their values."""
    if is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


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
