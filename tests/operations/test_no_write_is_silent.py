"""No write can be forgotten by the walk of services: the code is asked where it writes and what it tells.

Together with `test_every_service_is_audited`: what takes an actor has its story there, whatever it is called;
a view writes nothing by itself; what writes without an actor is told by who calls it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from test_every_service_is_audited import APPS, STORIES

from accounts.audit_words import ACTIONS
from prepared.inserts import insert

ROOT: Path = settings.BASE_DIR
WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "update",
    "delete",
    "get_or_create",
    "update_or_create",
}

PART_OF_ANOTHER = {
    "accounts.actor.audited_together": "writes what audit appends",
    "accounts.quotas.create_rows": "of account.create",
    "accounts.services.create_account": "tells account.create itself",
    "accounts.services.create_user": "of member.add",
    "transit.addresses.release": "of the unbinding or the deletion that gives the address back",
    "transit.services.groups.default_resource_group": "of what is put into it",
    "tunnels.services.bind_tunnel": "of connection.bind",
    "tunnels.services.unbind_tunnel": "of connection.unbind",
    "tunnels.services.start_negotiation": "of what changed the tunnel; tells an event",
    "tunnels.services.stop_carrying": "of what changed the tunnel; tells an event",
    "tunnels.services.due_now": "of what changed the tunnel",
    "tunnels.services.look_again": "of what changed the routes",
    "connections.services.routes.follow_networks": "of connection.create and connection.edit",
    "connections.services.settling.settle": "a worker's; what asked for it has told of it",
    "tunnels.configuring.configure": "of connection.edit and tunnel.edit",
    "tunnels.configuring.tell_state": "of what changes the connection",
    "tunnels.playing.claim_due": "a worker's; what it plays tells events",
}
"""What writes and takes no actor, and whose row tells of it."""

OF_NO_SERVICE = {
    "account.create",
    "audit.prune",
    "connection.kept_key_reveal",
    "service_role.create",
    "session.sign-in",
    "session.sign-out",
}
"""Actions that no story there ends in; each has a test of its own."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in (path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))):
        if "migrations" not in path.parts:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for module, tree in modules():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                yield f"{module}.{node.name}", node


def writes(function: ast.FunctionDef) -> bool:
    """Whether it calls what writes rows; a counter and a session have methods of the same names."""
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    if any(isinstance(func, ast.Name) and func.id == insert.__name__ for func in called):
        return True
    methods = (func for func in called if isinstance(func, ast.Attribute) and func.attr in WRITES)
    return any(not ast.unparse(one.value).endswith(("outcomes", "session")) for one in methods)


def arguments(function: ast.FunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def takes_actor(function: ast.FunctionDef) -> bool:
    return any(argument.arg == "actor" for argument in arguments(function))


def test_an_actor_is_called_actor() -> None:
    """By that name the walk of services finds who takes one."""
    annotated = [
        f"{name}({argument.arg})"
        for name, function in functions()
        for argument in arguments(function)
        if argument.annotation and ast.unparse(argument.annotation) == "Actor" and argument.arg != "actor"
    ]

    assert annotated == []


def test_no_view_writes_by_itself() -> None:
    found = [name for name, function in functions() if "views" in name and writes(function)]

    assert found == []


def test_what_writes_takes_an_actor_or_is_part_of_what_does() -> None:
    found = {
        name
        for name, function in functions()
        if not function.name.startswith("_") and writes(function) and not takes_actor(function)
    }

    assert found - set(PART_OF_ANOTHER) == set(), "give it an actor and a story, or say whose part it is"
    assert set(PART_OF_ANOTHER) - found == set(), "these are gone"


def told() -> set[str]:
    """The actions that the code names when it writes to the trail."""
    return {
        str(node.args[1].value)
        for _module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("audit")
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    }


def test_every_action_is_told_by_a_story() -> None:
    stories = {action for action, _story in STORIES.values()}

    assert len(told()) > 25
    assert told() - stories - OF_NO_SERVICE == set()
    assert (stories | OF_NO_SERVICE) - set(ACTIONS) == set(), "these have no words"
