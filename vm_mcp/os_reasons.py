"""Why the operating system refused something, in words that can be translated: its own follow the C locale."""

import errno
import os

from vm_mcp.wording import Words, words

_REASONS = {
    errno.ENOSPC: words("the disk is full"),
    errno.EDQUOT: words("your share of the disk is full"),
    errno.EROFS: words("the disk is read-only"),
    errno.EACCES: words("permission denied"),
    errno.EPERM: words("permission denied"),
    errno.ENOENT: words("no such folder"),
    errno.ENOTDIR: words("a part of the path is a file"),
    errno.EISDIR: words("it is a folder"),
    errno.ENAMETOOLONG: words("the path is too long"),
    errno.EADDRINUSE: words("already in use"),
    errno.EADDRNOTAVAIL: words("not an address of this computer"),
}


def os_reason(error: OSError) -> Words:
    """Return why the operating system refused something; one that is rare in the system's own words."""
    number = error.errno or 0
    return _REASONS.get(number) or words(error.strerror or os.strerror(number))
