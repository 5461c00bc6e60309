"""The forms of creation and edit pages: they read what was typed; `ipsec.rules` says what is wrong."""

from connections.forms.connection import BindingForm, ConnectionForm, RouteForm, TiesForm
from connections.forms.editing import EditedTunnelForm, EditedTunnelFormSet
from connections.forms.grant import GrantForm
from connections.forms.tunnel import TunnelForm, TunnelFormSet

__all__ = [
    "BindingForm",
    "ConnectionForm",
    "EditedTunnelForm",
    "EditedTunnelFormSet",
    "GrantForm",
    "RouteForm",
    "TiesForm",
    "TunnelForm",
    "TunnelFormSet",
]
