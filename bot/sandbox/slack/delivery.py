"""The way of every payload to the app: over whichever transport is in use, through the switched-on faults."""

import threading

from .http_courier import HttpCourier
from .parcels import Answer, Parcel, Retry
from .sockets import SocketHub
from .traffic import Exchange
from .workspace import Workspace


class Delivery:
    """Deliver parcels to the app and note them in the traffic."""

    def __init__(self, workspace: Workspace, sockets: SocketHub) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._http: HttpCourier | None = None
        self.stopping = threading.Event()

    def use_http(self, url: str | None) -> None:
        """Deliver by signed POST to this address, or over Socket Mode for None."""
        self._http = HttpCourier(url, self._workspace.ack_seconds) if url else None

    @property
    def over_http(self) -> bool:
        return self._http is not None

    def deliver(self, parcel: Parcel, retry: Retry | None = None) -> Answer:
        """Deliver a parcel and wait for the answer, at most the seconds Slack waits."""
        delay = self._workspace.faults.take_for_delivery("delay")
        if delay is not None:
            self.stopping.wait(delay.number)
        twin = self._twin(parcel, retry)
        answer = self._deliver_once(parcel, retry)
        if twin is not None:
            twin.join()
        return answer

    def _twin(self, parcel: Parcel, retry: Retry | None) -> threading.Thread | None:
        """Send the same parcel at the same time, when that fault is on."""
        if self._workspace.faults.take_for_delivery("twice") is None:
            return None
        twin = threading.Thread(target=self._deliver_once, args=(parcel, retry), name="slack-twin", daemon=True)
        twin.start()
        return twin

    def _deliver_once(self, parcel: Parcel, retry: Retry | None) -> Answer:
        if self._http is not None:
            answer = self._http.deliver(parcel, retry)
        else:
            answer = self._sockets.deliver(parcel, self._workspace.ack_seconds, retry)
        self._workspace.traffic.note(
            Exchange(
                at=self._workspace.clock.now(),
                kind="delivery",
                name=parcel.name,
                request=parcel.payload,
                answer=answer.body,
                status=answer.status,
                error=answer.error,
            )
        )
        return answer
