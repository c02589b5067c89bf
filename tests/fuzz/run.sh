#!/usr/bin/env bash
# Builds the fuzzers (clang, sanitizers) and runs both at once for a while. What they find lands in build/fuzz/found and
# fails; where the machine cannot run them at all, that is said and nothing fails.
#   tests/fuzz/run.sh [seconds: 60] [seed: another each time]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. cmake/debian.sh
seconds=${1:-60}
seed=${2:-0}
build=build/fuzz

not_run() {
    printf '%s\n' "********************************************************************" \
        "**  THE FUZZERS WERE NOT RUN: $*" \
        "********************************************************************" >&2
    exit 0
}

install_missing "${build_packages[@]}" clang libclang-rt-14-dev python3 ||
    echo "not everything that the fuzzers need could be installed" >&2
command -v clang++ >/dev/null || not_run "there is no clang++"

# Address-sanitizer programs of clang 14 may fail to start where addresses are very random.
run=()
if setarch "$(uname -m)" -R true 2>/dev/null; then run=(setarch "$(uname -m)" -R); fi

mkdir -p $build/{found,reader,expression,texts}
echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' >$build/probe.cpp
{ clang++ -fsanitize=fuzzer,address,undefined $build/probe.cpp -o $build/probe &&
    "${run[@]}" $build/probe -runs=10; } >$build/probe.log 2>&1 ||
    { cat $build/probe.log >&2; not_run "clang++ has no libFuzzer or sanitizers that work here"; }

cmake --preset fuzz >/dev/null
cmake --build $build --target fuzz_reader fuzz_expression
# Seeds of the expressions: every quoted text of the library.
/usr/bin/python3 - models/library $build/texts <<'END_OF_PYTHON'
import hashlib, pathlib, re, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.yaml"):
    for text in set(re.findall(r'"([^"\n]{1,400})"', path.read_text())):
        (pathlib.Path(sys.argv[2]) / hashlib.sha1(text.encode()).hexdigest()[:12]).write_text(text)
END_OF_PYTHON

# fuzz <name> <longest input> <seeds>. Nothing takes a minute but what hangs, on the slowest machine.
fuzz() {
    "${run[@]}" $build/fuzz_"$1" -seed="$seed" -max_total_time="$seconds" -rss_limit_mb=1500 -timeout=60 -max_len="$2" \
        -print_final_stats=1 -verbosity=0 -artifact_prefix=$build/found/"$1"- $build/"$1" "$3" >$build/"$1".log 2>&1
}
fuzz reader 4096 tests/diagnostics/adversarial &
reader=$!
fuzz expression 512 $build/texts &
expression=$!

status=0
for name in reader expression; do
    if wait ${!name}; then
        echo "fuzz_$name: nothing found in $(sed -n 's/^stat::number_of_executed_units: *//p' $build/$name.log) inputs"
    else
        status=1
        echo "fuzz_$name failed; its input is in $build/found:" >&2
        tail -n 60 $build/$name.log >&2
    fi
done
exit $status
