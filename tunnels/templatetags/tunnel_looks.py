"""Filters of the tunnel templates: functions of `looks`, `verdicts` and `data_path`."""

from django import template

from tunnels import data_path, looks, verdicts

register = template.Library()

register.filter("negotiation_look", looks.look)
register.filter("negotiation_detail", looks.detail)
register.filter("running_look", looks.state_look)
register.filter("bgp_look", looks.bgp_look)
register.filter("event_look", looks.event_look)
register.filter("event_reason", looks.reason)
register.filter("cause_title", verdicts.title_of)
register.filter("stop_title", data_path.stop_title)
register.filter("event_particulars", looks.particulars)
register.filter("phase_title", looks.phase_title)
