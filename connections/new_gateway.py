"""A customer gateway that is created from the creation page, without leaving it."""

from dataclasses import dataclass

from django.http import QueryDict

from accounts.access import ConsoleRequest
from accounts.refusal import Refused
from connections.changes import TUNNELS
from connections.forms.tunnel import posted_name
from gateways.forms import CreateForm
from gateways.services import create_customer_gateway
from wording.forms import show_findings

OPEN, CREATE = "gateway", "gateway-create"


class NewGatewayForm(CreateForm):
    """In the region of the connection."""

    region = None  # type: ignore[assignment]
    use_required_attribute = False


@dataclass(frozen=True, slots=True)
class NewGateway:
    """The open form, and the index of the tunnel that it is for."""

    index: int
    form: NewGatewayForm


def new_gateway(request: ConsoleRequest, data: QueryDict, action: str) -> NewGateway | None:
    """Open the form, or create what was typed and choose it in `data`; None once there is nothing to show."""
    verb, _colon, index = action.partition(":")
    if index not in TUNNELS or verb not in (OPEN, CREATE):
        return None
    form = NewGatewayForm(data if verb == CREATE else None, prefix="gateway")
    if verb == CREATE and _created(request, data, index, form):
        return None
    return NewGateway(int(index), form)


def _created(request: ConsoleRequest, data: QueryDict, index: str, form: NewGatewayForm) -> bool:
    if not form.is_valid():
        return False
    region = str(data.get("region", ""))
    try:
        made = create_customer_gateway(actor=request.actor, region=region, **form.cleaned_data)
    except Refused as refused:
        show_findings(form, refused.findings)
        return False
    data[posted_name(int(index), "customer_gateway")] = made.public_id
    return True
