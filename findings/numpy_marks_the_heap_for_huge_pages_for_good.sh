#!/usr/bin/env bash
# numpy 2.4.6 on Linux, where huge pages are on or, as by most distributions, given to whoever asks (`madvise`).
#
# Expected: an array asks for huge pages for itself, and once it is freed, all is as before.
#
# Seen: from the second array of some megabytes on, glibc takes them from the heap, and numpy's request stays with that
# part of the heap for good, whoever uses it next. Where a program returns freed memory to the system (`malloc_trim`),
# the kernel's khugepaged later fills the holes again, a huge page for each that still holds a single small one: a
# process that runs for hours grows and nothing in it leaks. `NUMPY_MADVISE_HUGEPAGE=0` leaves the heap as it was.
#
# Run by hand: bash findings/numpy_marks_the_heap_for_huge_pages_for_good.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet numpy==2.4.6
cat > marked.py <<'PYTHON'
from pathlib import Path

import numpy as np


def marked_heap():
    """Return the MB of the heap that are marked for huge pages."""
    found, is_heap, kilobytes = 0, False, 0
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name, *values = line.split()
        if "-" in name and ":" not in name:
            is_heap = line.endswith("[heap]")
        elif name == "Size:":
            kilobytes = int(values[0])
        elif name == "VmFlags:" and is_heap and "hg" in values:
            found += kilobytes
    return found // 1024


print(np.__version__, [marked_heap() for array in range(3) if np.ones(1_000_000).any()])
PYTHON
by_default=$(venv/bin/python marked.py)
without=$(NUMPY_MADVISE_HUGEPAGE=0 venv/bin/python marked.py)
echo "version and MB of the heap marked after 1, 2 and 3 arrays, each freed: $by_default; told not to: $without"
[[ $without == "2.4.6 [0, 0, 0]" ]]
[[ $by_default =~ ^2\.4\.6\ \[0,\ [1-9][0-9]*,\ [1-9][0-9]*\]$ ]]
