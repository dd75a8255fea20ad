"""The vendor's voicemail API on loopback, written from its documentation and sharing no code with the client.

Nothing here imports a web framework before a simulator starts.
"""

from vm_mcp.simulator.faults import FAULT_NAMES, Fault, FaultName, Faults
from vm_mcp.simulator.mailboxes import SCENARIOS, busy, clinic, empty
from vm_mcp.simulator.runner import Simulator, serve_forever
from vm_mcp.simulator.scenario import DEFAULT_API_KEY, Message, Scenario
from vm_mcp.simulator.simulated_account import RequestRecord
from vm_mcp.simulator.voicebank import Voice, load_voices

__all__ = [
    "DEFAULT_API_KEY",
    "FAULT_NAMES",
    "SCENARIOS",
    "Fault",
    "FaultName",
    "Faults",
    "Message",
    "RequestRecord",
    "Scenario",
    "Simulator",
    "Voice",
    "busy",
    "clinic",
    "empty",
    "load_voices",
    "serve_forever",
]
