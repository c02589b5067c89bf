#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs the tests. The last line counts them.
#   ./runtests.sh                 the suite of every change
#   ./runtests.sh --long          with the longer tests (PROEFTUIN_LONG=1)
#   ./runtests.sh --preset asan   in another build: dev, audit, release, asan, tsan, clang (CMakePresets.json)
#   ./runtests.sh -R clocks       what follows is handed to ctest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. cmake/debian.sh

preset=
while [ $# -gt 0 ]; do
    case $1 in
    --long) export PROEFTUIN_LONG=1 ;;
    --preset)
        preset=${2:?--preset needs a name}
        shift
        ;;
    -h | --help)
        sed -n '2,6s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) break ;;
    esac
    shift
done

install_missing "${build_packages[@]}" "${test_packages[@]}"
# Any node will do; Debian's where there is none.
command -v node >/dev/null || install_missing nodejs npm

options=(-DPROEFTUIN_TESTS=ON -DPROEFTUIN_BENCHMARKS=ON)
if [ -n "$preset" ]; then
    build=build/$preset
    cmake --preset "$preset" "${options[@]}"
else
    # As users run it, but with every contract checked and no warning let through.
    build=build
    cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DPROEFTUIN_CONTRACTS=ON \
        -DPROEFTUIN_WARNINGS_AS_ERRORS=ON "${options[@]}"
fi
cmake --build "$build"

export TSAN_OPTIONS="suppressions=$PWD/cmake/tsan.supp ${TSAN_OPTIONS:-}"
status=0
ctest --test-dir "$build" --parallel "$(nproc)" --output-on-failure --no-tests=error \
    --output-junit junit.xml "$@" || status=$?

# `ctest` exits with 0 only when all that ran passed.
/usr/bin/python3 - "$build/junit.xml" <<'END'
import sys
import xml.etree.ElementTree as tree

suite = tree.parse(sys.argv[1]).getroot()
total, failed = int(suite.get("tests", 0)), int(suite.get("failures", 0))
skipped = int(suite.get("skipped", 0)) + int(suite.get("disabled", 0))
print(f"tests: {total - failed - skipped} passed, {failed} failed, {skipped} skipped")
END
exit $status
