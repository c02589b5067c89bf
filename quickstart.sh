#!/usr/bin/env bash
# Installs what a build needs, builds, runs the first scenario and shows what it found.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. cmake/debian.sh

region=scenarios/maastricht_heuvelland
scenario=scenarios/maastricht_heuvelland/usual_care_2013.yaml
results=results/maastricht_heuvelland.h5
comparison=results/blauwe_zorg_against_usual_care.h5
build_seconds=600  # of one processor of 2.1 GHz, with nothing compiled before

processors=$(nproc)
minutes=$((build_seconds / processors / 60 + 1))
if [ -x build/proeftuin ]; then
    echo "Checking the build, then running a region for twenty years: two to three minutes."
else
    echo "Building and running a region for twenty years: about $((minutes + 2)) minutes the first time ($processors processors), two to three after that."
fi
install_missing "${build_packages[@]}"
mkdir -p build results
{
    cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DPROEFTUIN_CONTRACTS=OFF -DPROEFTUIN_WARNINGS_AS_ERRORS=OFF \
        -DPROEFTUIN_TESTS=OFF -DPROEFTUIN_BENCHMARKS=OFF &&
        cmake --build build
} >build/quickstart.log 2>&1 || {
    tail -n 40 build/quickstart.log >&2
    echo "The build failed; all of it is in build/quickstart.log." >&2
    exit 1
}
build/proeftuin run "$scenario" -o "$results" --quiet >>build/quickstart.log

echo
build/proeftuin show "$results"

# Month by month, for in both the outpatient clinic has a queue that GPs react to.
echo
echo "Usual care against Blauwe Zorg (Blue Care), the same people in both:"
echo
build/proeftuin compare "$region"/low_complex_care.yaml "$region"/blauwe_zorg.yaml -o "$comparison"

cat <<END
The first part is what came out of $scenario; all of it is in $results:
HDF5, for Python (xarray, h5py), R and netCDF tools. The second part is what Blauwe Zorg changes; all years, groups and
intervals of it are in $comparison.

Try next:
  # one measure by age, year by year
  build/proeftuin show $results with_dementia --by age_band
  # a policy: fewer people start to smoke
  build/proeftuin compare $scenario scenarios/examples/fewer_smokers.yaml
  # every measure as a table, for a spreadsheet
  build/proeftuin export $results -o results/csv
Read on in README.md and docs/index.md.
END
