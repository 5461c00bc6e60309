"""The creation page's forms: they read what was typed; `ipsec.rules` says what is wrong with it."""

from connections.forms.connection import BindingForm, ConnectionForm, RouteForm, TiesForm
from connections.forms.tunnel import TunnelForm, TunnelFormSet

__all__ = ["BindingForm", "ConnectionForm", "RouteForm", "TiesForm", "TunnelForm", "TunnelFormSet"]
