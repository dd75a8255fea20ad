"""One user agent of pjsua2: ``python -m telephone.pjsip_agent JOB``, with a `Job` as JSON.

A process holds one agent, since the library does. Everything but the sound is handled on the main thread: the events
are taken out of the library by `_Agent.wait`.
"""

import json
import os
import sys
import time
from collections.abc import Callable

import pjsua2

from telephone.pjsip_job import READY, Job

_STEP_MILLISECONDS = 10
_ANSWER_SECONDS = 10.0
_COMPLETING_SECONDS = 0.3
_HIGHEST = 255


class _Call(pjsua2.Call):  # type: ignore[misc]  # pjsua2 has no types
    media: "pjsua2.AudioMedia | None" = None
    is_over = False

    def onCallState(self, _: object) -> None:  # noqa: N802 - the library's name
        self.is_over = self.getInfo().state == pjsua2.PJSIP_INV_STATE_DISCONNECTED

    def onCallMediaState(self, _: object) -> None:  # noqa: N802 - the library's name
        self.media = self.getAudioMedia(-1)


class _Account(pjsua2.Account):  # type: ignore[misc]  # pjsua2 has no types
    incoming: _Call | None = None

    def onIncomingCall(self, prm: "pjsua2.OnIncomingCallParam") -> None:  # noqa: N802 - the library's name
        self.incoming = _Call(self, prm.callId)
        self.incoming.answer(_parameters(pjsua2.PJSIP_SC_OK))


class _Agent:
    def __init__(self, job: Job) -> None:
        self._job = job
        self._endpoint = _endpoint(job)
        self._account = _Account()
        self._account.create(_account_settings(job))
        self._kept: list[pjsua2.AudioMedia] = []

    def wait(self, seconds: float, is_done: Callable[[], object] = lambda: False) -> None:
        """Handle events until something is so, or some seconds have passed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not is_done():
            self._endpoint.libHandleEvents(_STEP_MILLISECONDS)

    def receive(self) -> None:
        """Wait for a call, and for its end."""
        print(READY, flush=True)
        self.wait(self._job.seconds, lambda: self._account.incoming and self._account.incoming.media)
        call = self._account.incoming
        if call and call.media:
            if self._job.record:
                self._record(call.media, self._job.record)
            self._play(call.media)
            self.wait(self._job.seconds, lambda: call.is_over)
        # That completes the files, but not at once: since 2.15 the thread that moves the sound takes a recorder out.
        self._kept.clear()
        self.wait(_COMPLETING_SECONDS)

    def place(self) -> None:
        """Call, play, press keys, and hang up."""
        call = _Call(self._account)
        call.makeCall(self._job.call, _parameters())
        self.wait(_ANSWER_SECONDS, lambda: call.media)
        self.wait(self._job.lead_seconds)
        started = time.monotonic()
        self._play(call.media)
        for at, key in (*self._job.keyed, (self._job.seconds, "")):
            self.wait(started + at - time.monotonic(), lambda: call.is_over)
            if key:
                _press(call, key)
        call.hangup(_parameters())
        self.wait(1.0, lambda: call.is_over)

    def _play(self, media: "pjsua2.AudioMedia") -> None:
        if self._job.play:
            player = pjsua2.AudioMediaPlayer()
            player.createPlayer(self._job.play, pjsua2.PJMEDIA_FILE_NO_LOOP)
            player.startTransmit(media)
            self._kept.append(player)
            if self._job.record_own:
                self._record(player, self._job.record_own)

    def _record(self, media: "pjsua2.AudioMedia", file: str) -> None:
        recorder = pjsua2.AudioMediaRecorder()
        recorder.createRecorder(file)
        media.startTransmit(recorder)
        self._kept.append(recorder)


def _press(call: _Call, key: str) -> None:
    pressed = pjsua2.CallSendDtmfParam()
    pressed.digits, pressed.method = key, pjsua2.PJSUA_DTMF_METHOD_RFC2833
    call.sendDtmf(pressed)


def _parameters(status: int = 0) -> "pjsua2.CallOpParam":
    found = pjsua2.CallOpParam(useDefaultCallSetting=True)
    found.statusCode = status
    return found


def _endpoint(job: Job) -> "pjsua2.Endpoint":
    endpoint = pjsua2.Endpoint()
    endpoint.libCreate()
    endpoint.libInit(_settings(job))
    transport = pjsua2.TransportConfig()
    transport.port, transport.boundAddress = job.sip_port, "127.0.0.1"
    endpoint.transportCreate(pjsua2.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, _HIGHEST if codec.codecId == job.codec else 0)
    parameters = endpoint.codecGetParam(job.codec)
    parameters.setting.vad = job.suppresses_silence
    endpoint.codecSetParam(job.codec, parameters)
    return endpoint


def _settings(job: Job) -> "pjsua2.EpConfig":
    settings = pjsua2.EpConfig()
    settings.logConfig.level = settings.logConfig.consoleLevel = 0
    settings.uaConfig.threadCnt, settings.uaConfig.mainThreadOnly = 0, True
    media = settings.medConfig
    media.clockRate = media.sndClockRate = job.rate
    media.noVad = not job.suppresses_silence
    media.ecTailLen = 0  # there is no microphone that would hear a speaker
    media.sndAutoCloseTime = -1
    return settings


def _account_settings(job: Job) -> "pjsua2.AccountConfig":
    settings = pjsua2.AccountConfig()
    settings.idUri = f"sip:agent@127.0.0.1:{job.sip_port}"
    transport = settings.mediaConfig.transportConfig
    transport.port, transport.boundAddress = job.media_port, "127.0.0.1"
    return settings


def main() -> None:
    """Do the job."""
    fields = json.loads(sys.argv[1])
    job = Job(**fields | {"keyed": tuple(map(tuple, fields["keyed"]))})
    agent = _Agent(job)
    if job.call:
        agent.place()
    else:
        agent.receive()
    # The library's objects must be destroyed in an order that Python's exit does not keep.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
