"""A page as assistive technology meets it: every control with the groups it is in and its accessible name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: "list[Element | str]" = field(default_factory=list)

    def walk(self) -> "Iterator[Element]":
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    @property
    def text(self) -> str:
        if self.tag == "svg":
            return ""
        parts = [child.text if isinstance(child, Element) else child for child in self.children]
        return " ".join("".join(parts).split())

    @property
    def ancestors(self) -> "Iterator[Element]":
        if self.parent is not None:
            yield self.parent
            yield from self.parent.ancestors


@dataclass(frozen=True)
class Control:
    groups: tuple[str, ...]
    label: str
    name: str
    kind: str
    value: str
    checked: bool
    id: str
    described: str


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.children.append(Element(tag, {name: value or "" for name, value in attrs}, self.open))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open.tag == tag, f"</{tag}> closes <{self.open.tag}>"
        assert self.open.parent is not None
        self.open = self.open.parent

    def handle_data(self, data: str) -> None:
        self.open.children.append(data)


def read(html: str) -> Element:
    """The tree of a page. AssertionError where its elements do not close in order."""
    tree = _Tree()
    tree.feed(html)
    assert tree.open is tree.root, f"<{tree.open.tag}> is never closed"
    return tree.root


def by_id(root: Element, wanted: str) -> Element:
    found = [element for element in root.walk() if element.attributes.get("id") == wanted]
    assert len(found) == 1, f"{len(found)} elements have the id {wanted}"
    return found[0]


def controls(root: Element) -> list[Control]:
    """Everything that can be set on the page, but for hidden and unlabelled inputs of forms' own."""
    labels = {
        label.attributes["for"]: label.text
        for label in root.walk()
        if label.tag == "label" and "for" in label.attributes
    }
    return [
        _control(root, element, labels)
        for element in root.walk()
        if element.tag in ("input", "select", "textarea") and element.attributes.get("type") != "hidden"
    ]


def _control(root: Element, element: Element, labels: dict[str, str]) -> Control:
    attributes = element.attributes
    chosen = [
        option for option in element.walk() if option.tag == "option" and "selected" in option.attributes
    ]
    return Control(
        groups=_groups(root, element),
        label=attributes.get("aria-label") or labels.get(attributes.get("id", "")) or _around(element),
        name=attributes.get("name", ""),
        kind=attributes.get("type", element.tag),
        value=chosen[0].attributes["value"] if chosen else attributes.get("value", ""),
        checked="checked" in attributes,
        id=attributes.get("id", ""),
        described=" ".join(_texts(root, attributes.get("aria-describedby", ""))),
    )


def _around(element: Element) -> str:
    return next((one.text for one in element.ancestors if one.tag == "label"), "")


def _groups(root: Element, element: Element) -> tuple[str, ...]:
    """Names of the groups around it, the outermost first."""
    names = []
    for one in element.ancestors:
        if one.tag == "fieldset":
            legend = next(
                child for child in one.children if isinstance(child, Element) and child.tag == "legend"
            )
            names.append(legend.text)
        elif one.attributes.get("role") == "group":
            names.append(by_id(root, one.attributes["aria-labelledby"]).text)
    return tuple(reversed(names))


def _texts(root: Element, ids: str) -> Iterator[str]:
    for wanted in ids.split():
        yield by_id(root, wanted).text
