"""Parts of the rig in processes of their own, which answer over a pipe."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection


@contextmanager
def child_process(serve: Callable[..., None], *arguments: object) -> Iterator[Connection]:
    """Run a function in a process of its own during the block; it ends when its pipe closes.

    Args:
        serve: A function of a module, which gets its end of the pipe first.
        *arguments: What it gets beside that.

    Yields:
        Our end of the pipe.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join(10)
        process.kill()
