"""What Bumble's virtual controllers and the air between them lack for a room full of devices around one collector."""

import asyncio

from bumble import hci, ll
from bumble.controller import Controller
from bumble.link import LocalLink

NEAR_BY_DBM = -55
"""Signal strength of a device of which nothing else was said."""


class StarLink(LocalLink):
    """Air in which devices hear the hub and the hub hears devices.

    Bumble's own gives every advertisement to every controller and looks for the receiver of every packet among all of
    them: the work for N devices grows with N².
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Bumble says nothing of its type
        self.hub: VirtualController | None = None
        self.rssi: dict[str, int] = {}
        """dBm by the address on the air."""
        self._receivers: dict[hci.Address, Controller] = {}

    def find_le_controller(self, address: hci.Address) -> Controller | None:
        """Who has an address on the air."""
        return self._receivers.get(address)

    def on_address_changed(self, controller: Controller) -> None:
        """Note the new address of a controller, and forget its old one."""
        for address in [address for address, each in self._receivers.items() if each is controller]:
            del self._receivers[address]
        self._receivers[controller.random_address] = controller

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """From a device to the hub while it listens, and from the hub to the one it means."""
        receiver: Controller | None = None
        if isinstance(packet, ll.ConnectInd):
            receiver = self.find_le_controller(packet.advertiser_address)
        elif self.hub is not None and self.hub.listens:
            receiver = self.hub
        if receiver is not None:
            asyncio.get_running_loop().call_soon(receiver.on_ll_advertising_pdu, packet)


class VirtualController(Controller):
    """A controller that tells how strong it hears others, and gives up connecting when it is told to."""

    @property
    def listens(self) -> bool:
        """Whether an advertisement would be of use."""
        return self.le_scan_enable or self.pending_le_connection is not None

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Report it once, where Bumble reports a scan response of the same bytes too; connect to whom we wait for."""
        address, pending = pdu.advertiser_address, self.pending_le_connection
        if self.le_scan_enable:
            self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([self._report(pdu)]))
        if pending is not None and pending.peer_address == address:
            self.create_le_connection(address)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Bumble's says yes and goes on waiting, so that nothing can be connected to any more."""
        pending = self.pending_le_connection
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        asyncio.get_running_loop().call_soon(self.send_hci_packet, _given_up(pending.peer_address))
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def _report(self, pdu: ll.AdvInd | ll.AdvExtInd) -> hci.HCI_LE_Advertising_Report_Event.Report:
        address = pdu.advertiser_address
        link = self.link
        rssi = link.rssi.get(address.to_string(False), NEAR_BY_DBM) if isinstance(link, StarLink) else NEAR_BY_DBM
        return hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=hci.HCI_LE_Advertising_Report_Event.EventType.ADV_IND,
            address_type=address.address_type,
            address=address,
            data=pdu.data,
            rssi=rssi,
        )


def _given_up(address: hci.Address) -> hci.HCI_LE_Connection_Complete_Event:
    """The event that the standard asks for after a cancelled connection (vol 4 part E 7.8.13)."""
    return hci.HCI_LE_Connection_Complete_Event(
        status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
        connection_handle=0,
        role=hci.Role.CENTRAL,
        peer_address_type=address.address_type,
        peer_address=address,
        connection_interval=0,
        peripheral_latency=0,
        supervision_timeout=0,
        central_clock_accuracy=0,
    )
