"""The edit pages as a browser meets them: opened, changed in a few fields, sent."""

from collections.abc import Mapping
from typing import Any

from connection_cast import page_of
from django.test import Client
from page_reader import controls, read

from connections.models import IPsecConnection

OFF: Any = None
HTMX = {"HX-Request": "true"}


def address(connection: IPsecConnection, index: int = 0, name: str = "edit-tunnel") -> str:
    return page_of(connection, name, index=str(index)) if index else page_of(connection, "edit")


def opened(client: Client, connection: IPsecConnection, index: int = 0) -> dict[str, Any]:
    """What the browser would post if nobody touched the page."""
    answer = client.get(address(connection, index))
    assert answer.status_code == 200
    return filled_in(answer.content.decode())


def filled_in(html: str) -> dict[str, Any]:
    root = read(html)
    form = next(one for one in root.walk() if one.attributes.get("class") == "wizard")
    data: dict[str, Any] = {}
    for one in form.walk():
        if one.tag == "input" and one.attributes.get("type") == "hidden":
            data[one.attributes["name"]] = one.attributes.get("value", "")
    for control in controls(form):
        if control.kind in ("checkbox", "radio") and not control.checked:
            continue
        value = control.value or ("on" if control.kind == "checkbox" else "")
        if control.name in ("local_networks", "remote_networks"):
            data.setdefault(control.name, []).append(value)
        elif control.name:
            data[control.name] = value
    return data


def typed(data: Mapping[str, Any], index: int = 0, **values: Any) -> dict[str, Any]:
    """With these fields changed; `OFF` leaves one out, as a browser does with a switch that is off."""
    prefix = f"tunnels-{index - 1}-" if index else ""
    changed = {**data, **{f"{prefix}{name}": value for name, value in values.items()}}
    return {name: value for name, value in changed.items() if value is not OFF}


def send(client: Client, connection: IPsecConnection, data: Mapping[str, Any], index: int = 0) -> Any:
    return client.post(address(connection, index), data)


def check(client: Client, connection: IPsecConnection, data: Mapping[str, Any], index: int = 0) -> str:
    """What the page is told when a field is left."""
    answer = client.post(f"{address(connection, index)}?part=check", data, headers=HTMX)
    assert answer.status_code == 200
    return str(answer.content.decode())
