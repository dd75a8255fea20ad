"""The vendor's voicemail API on loopback, written from the vendor's documentation.

It shares no code with the client, so that a wrong reading in one shows against the other. The web framework is imported
only when a simulator starts.
"""

from vm_mcp.simulator.faults import FAULT_NAMES, Fault, FaultName, Faults
from vm_mcp.simulator.fleet_mailboxes import fleet
from vm_mcp.simulator.mailboxes import SCENARIOS, busy, clinic, empty
from vm_mcp.simulator.request_counts import RequestCounts
from vm_mcp.simulator.runner import SimulatedFleet, Simulator, serve_forever
from vm_mcp.simulator.scenario import DEFAULT_API_KEY, Message, Scenario
from vm_mcp.simulator.simulated_account import RequestRecord
from vm_mcp.simulator.simulated_calls import AddressBookEntry, Call, ExtensionOwner, eight_spellings
from vm_mcp.simulator.tones import tone, tone_text
from vm_mcp.simulator.voicebank import Voice, load_voices

__all__ = [
    "DEFAULT_API_KEY",
    "FAULT_NAMES",
    "SCENARIOS",
    "AddressBookEntry",
    "Call",
    "ExtensionOwner",
    "Fault",
    "FaultName",
    "Faults",
    "Message",
    "RequestCounts",
    "RequestRecord",
    "Scenario",
    "SimulatedFleet",
    "Simulator",
    "Voice",
    "busy",
    "clinic",
    "eight_spellings",
    "empty",
    "fleet",
    "load_voices",
    "serve_forever",
    "tone",
    "tone_text",
]
