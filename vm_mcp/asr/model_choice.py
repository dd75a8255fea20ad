"""Chooses the model for ``VM_MCP_MODEL=auto``: the best one that reads a message of 30 s within 10 s.

The figures are those of ``benchmarks/results/model_shapes.md``, November 2026: on two cores of an AMD EPYC (Zen 5),
with models of the true shapes. Which of the two runtimes a processor gets is only known once a model is there, so the
seconds are those of the slower one, CTranslate2, and the memory is that of the larger one. A message of 30 s has two
windows, each of which is decoded on one core, so more than two cores gain nothing.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from vm_mcp.asr.machine import Machine, this_machine
from vm_mcp.text import counted
from vm_mcp.wording import Words, joined, words

if TYPE_CHECKING:
    from vm_mcp.asr.engines import LocalEngine
    from vm_mcp.config import Settings

AUTO: Final = "auto"
"""What ``VM_MCP_MODEL`` is set to, for a model to be chosen."""
MOST_SECONDS: Final = 10.0
"""What a message of `SPEECH_SECONDS` may take."""
SPEECH_SECONDS: Final = 30
_SLOWER: Final = 2.0
"""What a message takes on a laptop's core, over what it takes on a measured one: an assumption, on the safe side."""
_MEMORY_PART: Final = 2
"""The worker may take half of the memory: the rest is for the system and the user's other programs."""
_ASSUMED_BYTES: Final = 4 << 30
"""Memory of a computer that doesn't tell."""
_MIB: Final = 1 << 20
_GB: Final = 1 << 30
"""Memory is sold as gigabytes of this size."""


class Choice(NamedTuple):
    """The model that is used, and why."""

    model: str
    reason: str
    """For people, without a full stop; empty if it was set."""
    stand_ins: tuple[str, ...] = ()
    """Models to use, if they are on the computer, where this one can't be downloaded; the best first."""


class _Figures(NamedTuple):
    """What a model takes."""

    name: str
    seconds: dict[int, float]
    """Of processor time for `SPEECH_SECONDS` of speech, on the core that does most, by the number of cores."""
    memory_mib: int
    """Of the worker at most: while it converts the weights, which happens once, or on four cores, extrapolated."""
    gpu_mib: int
    """Of a GPU: two bytes for each weight, and a GiB to compute with. This was not measured."""

    def seconds_on(self, machine: Machine) -> float:
        """Return what a message takes: on a GPU less than a core would need for the smallest model."""
        if machine.gpu_memory_bytes:
            return 0.0
        return _SLOWER * self.seconds[max(cores for cores in self.seconds if cores <= machine.cores)]

    def fits(self, machine: Machine) -> bool:
        """Return whether it fits into the memory, and into that of the GPU if there is one."""
        fits_gpu = not machine.gpu_memory_bytes or self.gpu_mib * _MIB <= machine.gpu_memory_bytes
        return fits_gpu and self.memory_mib * _MIB * _MEMORY_PART <= (machine.memory_bytes or _ASSUMED_BYTES)


# From the one that gets the most words wrong to the one that gets the fewest.
_MODELS: Final = (
    _Figures("tiny", {1: 0.9, 2: 0.5}, 750, 1100),
    _Figures("base", {1: 1.5, 2: 1.0}, 1000, 1170),
    _Figures("small", {1: 4.2, 2: 2.7}, 1550, 1490),
    _Figures("medium", {1: 15.8, 2: 9.8}, 3000, 2480),
    _Figures("large-v3-turbo", {1: 11.2, 2: 7.3}, 3600, 2570),
)


def resolve_model(settings: "Settings", engine: "LocalEngine") -> Choice:
    """Return the model that an engine on this computer uses: the one that is set, or the one that is chosen."""
    if settings.model != AUTO:
        return Choice(settings.model, "")
    if not engine.is_measured:
        default = str(type(settings).model_fields["model"].default)
        return Choice(
            default,
            words(
                "How fast {engine} is was not measured, so `{auto}` is the default, `{model}`",
                engine=engine.name,
                auto=AUTO,
                model=default,
            ),
        )
    return choose_model(this_machine(settings.device))


def choose_model(machine: Machine) -> Choice:
    """Return the best model for a machine: the same one each time, whatever else the machine does.

    On a machine that is too small for all of them it is the smallest.
    """
    if not any(each.fits(machine) for each in _MODELS):
        machine = machine._replace(gpu_memory_bytes=0)
    able = [each for each in _MODELS if each.fits(machine) and each.seconds_on(machine) <= MOST_SECONDS]
    chosen = able[-1] if able else _MODELS[0]
    reasons = _reasons(chosen, machine) if able else _excuses(chosen, machine)
    return Choice(chosen.name, joined(". ", reasons), tuple(_stand_ins(chosen, machine)))


def _stand_ins(chosen: _Figures, machine: Machine) -> list[str]:
    """Return what to use in place of a model: what is faster, the best first, then what fits but takes longer."""
    place = _MODELS.index(chosen)
    slower = (each for each in _MODELS[place + 1 :] if each.fits(machine))
    return [each.name for each in (*reversed(_MODELS[:place]), *slower)]


def _reasons(chosen: _Figures, machine: Machine) -> Iterator[Words]:
    yield words("This computer has {parts}", parts=_described(machine))
    if machine.gpu_memory_bytes:
        yield words("The GPU has room for `{model}`", model=chosen.name)
    else:
        seconds, memory = chosen.seconds_on(machine), chosen.memory_mib * _MIB / _GB
        yield words(
            "`{model}` takes about {seconds:.0f} s for {speech} s of speech, and up to {memory:.1f} GB",
            model=chosen.name,
            seconds=seconds,
            speech=SPEECH_SECONDS,
            memory=memory,
        )
    better = _MODELS[_MODELS.index(chosen) + 1 :]
    fitting = [each for each in better if each.fits(machine)]
    if fitting:
        fastest = min(fitting, key=lambda each: each.seconds_on(machine))
        yield words(
            "A better one, `{model}`, would take about {seconds:.0f} s",
            model=fastest.name,
            seconds=fastest.seconds_on(machine),
        )
    elif better:
        yield words("A better one, `{model}`, needs more memory", model=better[0].name)


def _excuses(smallest: _Figures, machine: Machine) -> Iterator[Words]:
    yield words("This computer has {parts}", parts=_described(machine))
    yield words("That is too little for any model, so it is the smallest, `{model}`", model=smallest.name)


def _described(machine: Machine) -> Words:
    memory = (
        words("{gigabytes:.1f} GB of memory", gigabytes=machine.memory_bytes / _GB)
        if machine.memory_bytes
        else words("an unknown amount of memory")
    )
    gpu = (
        words("a GPU with {gigabytes:.1f} GB", gigabytes=machine.gpu_memory_bytes / _GB)
        if machine.gpu_memory_bytes
        else words("no GPU to use")
    )
    return words("{cores}, {memory} and {gpu}", cores=counted(machine.cores, "core"), memory=memory, gpu=gpu)
