"""The work of a team: who is asked for new messages when, who retrieves and who transcribes, on any number of machines.

Jobs wait in the team's PostgreSQL, in procrastinate's tables, and go from queue to queue::

    poll     one account's list is read; new messages that may be opened go on        (any worker)
    fetch    one message's recording is retrieved, and held, encrypted                 (any worker)
    speech   it is decrypted, transcribed, redacted, and kept; the recording goes      (a worker with an engine)

Without ``VM_MCP_RECORDINGS_KEY`` no recording is held: ``speech`` retrieves it itself, into its memory.

The queue may run a job twice, as every queue does whose workers die. So what must happen once is decided by rows of the
archive: a lease on a message's recording, a lease on its transcript, and the transcript, which is written in the same
transaction that ends its lease and deletes the recording.
"""
