"""The creation page in a browser with htmx, as far as answers go: what is typed, and what answers swap."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connection_cast import CREATE
from django.test import Client
from page_reader import Element, by_id, read

HTMX = {"HX-Request": "true"}
Values = dict[str, list[str]]


def elements(root: Element, *tags: str) -> Iterator[Element]:
    return (one for one in root.walk() if one.tag in tags)


def wizard_of(root: Element) -> Element:
    return next(one for one in elements(root, "form") if one.attributes.get("class") == "wizard")


def values_of(form: Element) -> Values:
    """What a browser would send of a form's controls, in the order of the page."""
    found: Values = {}
    for one in elements(form, "input", "select"):
        name, kind = one.attributes.get("name", ""), one.attributes.get("type", one.tag)
        if one.tag == "select":
            chosen = [option for option in elements(one, "option") if "selected" in option.attributes]
            options = chosen or [*elements(one, "option")][:1]
            found[name] = [option.attributes["value"] for option in options]
        elif kind not in ("checkbox", "radio") or "checked" in one.attributes:
            found.setdefault(name, []).append(one.attributes.get("value", ""))
            if kind == "checkbox":
                found[name] = [one.attributes.get("value", "on")]
    return found


def said(root: Element) -> dict[str, list[str]]:
    """What stands in the message slots, by field."""
    slots = [one for one in root.walk() if one.attributes.get("id", "").startswith("msg-id_")]
    texts = {
        slot.attributes["id"].removeprefix("msg-id_"): [p.text for p in elements(slot, "p")] for slot in slots
    }
    return {name: lines for name, lines in texts.items() if lines}


class HtmxPage:
    """One page, opened by `client`."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.root = read(client.get(CREATE).content.decode())

    @property
    def values(self) -> Values:
        return values_of(wizard_of(self.root))

    def options(self, name: str) -> list[str]:
        (select,) = [one for one in elements(self.root, "select") if one.attributes.get("name") == name]
        return [option.attributes["value"] for option in elements(select, "option")]

    def put(self, name: str, value: Any) -> None:
        """Type into it, choose it, or switch it: True or False."""
        controls = [
            one for one in elements(self.root, "input", "select") if one.attributes.get("name") == name
        ]
        first = controls[0]
        if first.tag == "select":
            _mark(elements(first, "option"), "selected", str(value))
        elif first.attributes["type"] == "radio":
            _mark(iter(controls), "checked", str(value))
        elif first.attributes["type"] == "checkbox":
            first.attributes.pop("checked", None)
            first.attributes |= {"checked": ""} if value else {}
        else:
            first.attributes["value"] = str(value)

    def check(self) -> None:
        self._post("?part=check")

    def change(self, name: str, value: Any) -> None:
        """A choice that asks by itself: the region, the resource group."""
        self.put(name, value)
        (control,) = [one for one in elements(self.root, "select") if one.attributes.get("name") == name]
        self._post(control.attributes["hx-post"])

    def press(self, action: str) -> None:
        """A button; where it is not on the page, nothing."""
        for one in elements(self.root, "button"):
            if one.attributes.get("value") == action:
                target = one.attributes.get("hx-target", "").removeprefix("#")
                self._post(one.attributes["hx-post"], action=action, target=target)
                return

    def _post(self, address: str, *, action: str = "", target: str = "") -> None:
        data: dict[str, Any] = {**self.values, **({"action": action} if action else {})}
        response = self.client.post(CREATE + address, data, headers=HTMX)
        assert response.status_code == 200
        answer = read(response.content.decode())
        for one in [*answer.walk()]:
            if how := one.attributes.pop("hx-swap-oob", ""):
                self._swap(one.attributes["id"], one, how)
        if target:
            self._swap(target, next(one for one in answer.children if isinstance(one, Element)), "outerHTML")
        if "recheck" in response.headers.get("HX-Trigger-After-Settle", ""):
            assert parse_qs(urlsplit(address).query)["part"] != ["check"]
            self.check()

    def _swap(self, wanted: str, new: Element, how: str) -> None:
        old = by_id(self.root, wanted)
        if how == "innerHTML":
            old.children = new.children
            for child in old.children:
                if isinstance(child, Element):
                    child.parent = old
            return
        assert old.parent is not None
        position = next(at for at, child in enumerate(old.parent.children) if child is old)
        old.parent.children[position], new.parent = new, old.parent


def _mark(options: Iterator[Element], mark: str, value: str) -> None:
    for option in options:
        option.attributes.pop(mark, None)
        if option.attributes.get("value") == value:
            option.attributes[mark] = ""
