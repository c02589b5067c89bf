"""Objects made with stronger instructions than the rest must not offer code to others: the linker takes any one of several
copies of an inline function, and the stronger copy would end the program on a processor that lacks the instructions.

    check_kernels.py NM OBJECT...
"""

import re
import subprocess
import sys


def shared_symbols(listing):
    """Symbols of which the linker may choose among copies, in what `nm -C --defined-only` prints."""
    return [match[1] for match in re.finditer(r"^[0-9a-f]* *[WVu] (.+)$", listing, re.MULTILINE)
            if not match[1].startswith(("DW.ref.", "guard variable"))]


def main(nm, objects):
    kernels = [path for path in objects if re.search(r"_avx(2|512)\.cpp", path)]
    if not kernels:
        sys.exit("no objects with stronger instructions: the check would pass over nothing")
    bad = 0
    for path in kernels:
        listing = subprocess.run([nm, "-C", "--defined-only", path], stdout=subprocess.PIPE, check=True, text=True).stdout
        for symbol in shared_symbols(listing):
            print(f"{path}: shares {symbol}")
            bad += 1
    if bad:
        sys.exit(f"{bad} functions that others may be linked with: give them internal linkage or inline them always")
    print(f"{len(kernels)} objects share nothing")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
