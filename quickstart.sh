#!/usr/bin/env bash
# Installs what a build needs, builds, runs the first scenario and shows what it found.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. cmake/debian.sh

scenario=scenarios/maastricht_heuvelland/usual_care_2013.yaml
results=results/maastricht_heuvelland.h5

install_missing "${build_packages[@]}"
echo "Building (a few minutes the first time) ..."
mkdir -p build results
{
    cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DPROEFTUIN_CONTRACTS=OFF \
        -DPROEFTUIN_TESTS=OFF -DPROEFTUIN_BENCHMARKS=OFF &&
        cmake --build build
} >build/quickstart.log 2>&1 || {
    tail -n 40 build/quickstart.log >&2
    echo "The build failed; all of it is in build/quickstart.log." >&2
    exit 1
}

echo
echo "build/proeftuin run $scenario -o $results"
build/proeftuin run "$scenario" -o "$results"
echo
echo "build/proeftuin show $results"
build/proeftuin show "$results"
cat <<END

The results are in $results: HDF5, readable with Python (xarray, h5py), R and netCDF tools.
The scenario is $scenario: copy it, change it, run it.
Next: build/proeftuin --help, and docs/index.md.
END
