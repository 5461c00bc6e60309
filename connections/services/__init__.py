"""Writes. Each is keyword-only, one transaction, and leaves an audit row."""

from connections.services.binding import bind, unbind, what_keeps_bound
from connections.services.creation import create_connection
from connections.services.deletion import delete_connection, what_stands_against
from connections.services.editing import edit_connection, edit_tunnel, rotate_psk
from connections.services.request import NewConnection, earlier_connection
from connections.services.routes import add_route, delete_route, tie, what_keeps_route

__all__ = [
    "NewConnection",
    "add_route",
    "bind",
    "create_connection",
    "delete_connection",
    "delete_route",
    "earlier_connection",
    "edit_connection",
    "edit_tunnel",
    "rotate_psk",
    "tie",
    "unbind",
    "what_keeps_bound",
    "what_keeps_route",
    "what_stands_against",
]
