"""From the events of AWS Backup to whoever listens: moto's EventBridge, and from there queues and other buses.

Emulator decision: the rules are moto's own, but their targets are served here, at once and in order. moto's would need
one more package, do not carry account and resources to another bus, and serve disabled rules. Queues and event buses
are served; transformers of the input are not applied, and other targets get nothing.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.events.models import Rule, events_backends

from bot.sandbox.aws import arns
from bot.sandbox.aws.events import Event

DEFAULT_BUS = "default"
# A bus may forward to a bus; EventBridge forwards an event once only, which also ends circles.
_HOPS = 1


def publish(event: Event) -> None:
    """Put an event on the default bus of its account and Region."""
    _put(event, event["account"], event["region"], DEFAULT_BUS, _HOPS)


def _put(event: Event, account: str, region: str, bus: str, hops: int) -> None:
    for rule in _listening(event, account, region, bus):
        for target in list(rule.targets):
            _serve(event, target, hops)


def _listening(event: Event, account: str, region: str, bus: str) -> Iterator[Rule]:
    known = events_backends[account][region].event_buses.get(bus)
    for rule in list(known.rules.values()) if known else ():
        # A rule without a pattern is one for a schedule.
        pattern: Any = rule.event_pattern
        if rule.state == "ENABLED" and pattern.get_pattern() and pattern.matches_event(event):
            yield rule


def _serve(event: Event, target: Mapping[str, object], hops: int) -> None:
    arn = str(target["Arn"])
    service, resource = arn.split(":")[2], arn.rpartition(":")[2]
    if service == "sqs":
        _send(event, arn, target)
    elif service == "events" and resource.startswith("event-bus/") and hops:
        _put(event, arns.account_of(arn), arns.region_of(arn), resource.removeprefix("event-bus/"), hops - 1)


def _send(event: Event, queue_arn: str, target: Mapping[str, object]) -> None:
    # Not at the top: moto's queues take a while to import, and few worlds have one.
    from moto.sqs.models import sqs_backends

    parameters = target.get("SqsParameters")
    group = parameters.get("MessageGroupId") if isinstance(parameters, Mapping) else None
    queues = sqs_backends[arns.account_of(queue_arn)][arns.region_of(queue_arn)]
    try:
        queues.send_message(queue_name=queue_arn.rpartition(":")[2], message_body=json.dumps(event), group_id=group)
    except ServiceException:
        # As from EventBridge: an event that its target does not take is lost, and nothing else suffers.
        return
