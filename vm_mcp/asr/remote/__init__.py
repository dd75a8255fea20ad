"""Speech to text on a server that speaks OpenAI's transcription API, such as a team's vLLM or Speaches."""

from vm_mcp.asr.remote.remote_transcriber import RemoteTranscriber

__all__ = ["RemoteTranscriber"]
