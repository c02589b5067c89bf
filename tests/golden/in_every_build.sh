#!/usr/bin/env bash
# Builds the program in every way that people may build it and checks the golden digests with each.
#   tests/golden/in_every_build.sh                all of them: takes an hour of one processor
#   tests/golden/in_every_build.sh dev clang      some
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. cmake/debian.sh

# <name>: what cmake is told. x86-64 is a machine without AVX2 and FMA.
declare -A builds=(
    [dev]="--preset dev"
    [release]="--preset release"
    [clang]="--preset clang"
    [x86-64]="--preset release -DPROEFTUIN_X86_LEVEL=x86-64"
    [clang-x86-64]="--preset clang -DPROEFTUIN_X86_LEVEL=x86-64 -DCMAKE_BUILD_TYPE=Debug"
)
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(dev release clang x86-64 clang-x86-64)

failed=()
for name in "${names[@]}"; do
    echo "== $name: ${builds[$name]:?there is no build $name}"
    # shellcheck disable=SC2086  # several words
    cmake ${builds[$name]} -B "build/$name" -DPROEFTUIN_TESTS=ON -DPROEFTUIN_BENCHMARKS=OFF >/dev/null
    cmake --build "build/$name" --target proeftuin proeftuin_digest
    ctest --test-dir "build/$name" -L golden --no-tests=error --output-on-failure || failed+=("$name")
done
[ ${#failed[@]} -eq 0 ] && echo "the same digests in: ${names[*]}" || { echo "other digests in: ${failed[*]}"; exit 1; }
