"""Write the figures: a page, a file of raw figures, and a picture."""

import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from speech import figures, picture
from speech.contenders import CONTENDERS, Contender
from speech.figures import Figures, Run
from speech.liveness import Measured
from speech.recordings import Recording

OURS = "ours-backlog"
PACKAGES = (
    *("vm-mcp", "faster-whisper", "ctranslate2", "onnxruntime", "openai-whisper", "torch", "pywhispercpp"),
    *("openvino-genai", "optimum-intel", "onnxruntime-genai", "sherpa-onnx"),
    *("jiwer", "whisper-normalizer", "numpy"),
)
TOLD = {
    "peers": "The other engines were given the language of each message in which somebody speaks; vm-mcp was not, and "
    "chose between Turkish and English. That favours the others: on their own, they choose among about a hundred "
    "languages, which takes time and goes wrong on some messages.",
    "all": "Every engine was given the language of each message.",
    "none": "No engine was given the language: vm-mcp chose between Turkish and English, the others among all.",
}
NOTES = """\
Medians over the runs. Every run of every engine was a fresh process, and the engines took turns. The other engines got
decoded samples, and one call to warm up. vm-mcp got the recordings as files, and its figures include decoding them.
*Speed* is the length of all recordings divided by the time for all of them, without loading the model. *First text* and
*mean completion* are what somebody waits who asks for all messages at once: until the first text, and until the average
message is done. An engine that reads one message after the other reads them in the same order. *A message* is the time
for one message, transcribed alone, with a loaded model. *Memory* is the peak resident memory of the process that runs
the engine. *WER* and *CER* are word and character error rates over all words, after OpenAI's normaliser for English,
and a similar one for Turkish (Turkish lower-casing, numbers spelled out). *Invented* counts the words in recordings in
which nobody speaks, without remarks in brackets. *Ours is faster* is the median of the ratios within each round."""


@dataclass(frozen=True)
class Report:
    """The figures, and how they were measured."""

    recordings: Sequence[Recording]
    runs: Sequence[Run]
    left_out: Sequence[Contender]
    told: str
    cores: int
    command: str
    speech_kept: float | None
    """In percent; None if not measured."""
    liveness: Sequence[Measured]

    def write(self, folder: Path) -> None:
        """Write ``transcription.md``, ``.json``, ``.png`` and ``.svg`` into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        page = self.as_markdown() + "\n![Speed and wrong words, engine by engine](transcription.png)\n" * bool(
            self.runs
        )
        (folder / "transcription.md").write_text(page, encoding="utf-8")
        raw = json.dumps(self._as_json(), ensure_ascii=False, indent=1)
        (folder / "transcription.json").write_text(raw + "\n", encoding="utf-8")
        medians = figures.medians(self.runs)
        bars = [(contender, medians[contender.name]) for contender in CONTENDERS if contender.name in medians]
        if bars:
            picture.draw(bars, self._setting(), folder / "transcription")

    def as_markdown(self) -> str:
        """Return the page in Markdown."""
        parts = ["# Transcription, measured", self._setting()]
        if self.runs:
            parts += [self._table(), TOLD[self.told], NOTES]
        parts += [f"Left out, not installed: {contender.title} ({contender.package})." for contender in self.left_out]
        if self.speech_kept is not None:
            parts.append(
                f"The voice detector keeps {self.speech_kept:.1f} % of the speech: of the 32 ms frames that are loud "
                "and that its model gives a probability of at least 0.02."
            )
        if self.liveness:
            rows = [[item.what, item.goal, item.value] for item in self.liveness]
            parts.append(_markdown(["The server, with the same weights", "goal", "measured"], rows))
        parts.append(
            f"{_machine(self.cores)}\n{_versions()}\nMeasured {datetime.now(UTC):%Y-%m-%d} with `{self.command}`."
        )
        return "\n\n".join(parts) + "\n"

    def _setting(self) -> str:
        seconds = sum(recording.seconds for recording in self.recordings)
        silent = sum(not recording.text for recording in self.recordings)
        rounds = max((run.number for run in self.runs), default=0)
        return (
            f"{len(self.recordings)} telephone messages, {seconds:.0f} s, {silent} of them without speech; weights of "
            f"`base`; {_counted(self.cores, 'core')}; {_counted(rounds, 'run')}."
        )

    def _table(self) -> str:
        medians = figures.medians(self.runs)
        ratios = figures.speed_ratios(self.runs, OURS)
        languages = sorted({recording.language for recording in self.recordings if recording.text})
        languages += ["all"] * bool(languages)
        header = ["engine", "speed", "ours is faster", "first text", "mean completion"]
        header += ["p50 / p95 a message", "load", "memory"]
        header += [f"WER / CER {language}" for language in languages] + ["invented", "language right"]
        rows = [
            self._row(contender, medians[contender.name], ratios.get(contender.name), languages)
            for contender in CONTENDERS
            if contender.name in medians
        ]
        return _markdown(header, rows)

    def _row(self, contender: Contender, row: Figures, ratio: float | None, languages: list[str]) -> list[str]:
        is_told = self.told == "all" or (self.told == "peers" and not contender.is_ours)
        spoken = sum(bool(recording.text) for recording in self.recordings)
        memory = f"{row['peak_mib']:.0f} MiB"
        if "server_mib" in row:
            memory += f" + {row['server_mib']:.0f} in the server"
        return [
            contender.title,
            f"{row['speed']:.1f} x",
            f"{ratio:.1f} x" if ratio and not contender.is_ours else "",
            f"{row['first_text_seconds']:.1f} s" if "first_text_seconds" in row else "",
            f"{row['mean_completion_seconds']:.1f} s",
            f"{row['p50_seconds']:.2f} / {row['p95_seconds']:.2f} s" if "p50_seconds" in row else "",
            f"{row['load_seconds']:.1f} s",
            memory,
            *(f"{row[f'wer_{key}']:.1f} / {row[f'cer_{key}']:.1f} %" for key in languages),
            f"{row['invented_words']:.0f}",
            "told" if is_told else f"{row['language_right']:.0f} of {spoken}",
        ]

    def _as_json(self) -> dict[str, object]:
        return {
            "setting": self._setting(),
            "machine": _machine(self.cores),
            "versions": _versions(),
            "measured": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": self.command,
            "language_told_to": self.told,
            "recordings": [
                {"name": each.name, "seconds": round(each.seconds, 2), "language": each.language, "text": each.text}
                for each in self.recordings
            ],
            "medians": figures.medians(self.runs),
            "speed_ratios": figures.speed_ratios(self.runs, OURS),
            "speech_kept_percent": self.speech_kept,
            "liveness": [item.as_json() for item in self.liveness],
            "runs": [run.as_json() for run in self.runs],
        }


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, padded to be readable as plain text."""
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def _machine(cores: int) -> str:
    memory = psutil.virtual_memory().total / (1 << 30)
    return (
        f"{_processor()}, {cores} of {psutil.cpu_count()} logical cores used, {memory:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}."
    )


def _processor() -> str:
    """Return the processor's name, as precisely as the system reports it."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _versions() -> str:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found) + "."
