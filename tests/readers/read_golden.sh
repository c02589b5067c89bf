#!/usr/bin/env bash
# Reads the golden results file with ncdump and h5ls.
set -euo pipefail
golden=$1
for tool in ncdump h5ls sha256sum; do
    command -v $tool >/dev/null || { echo "missing reader: $tool" >&2; exit 1; }
done
expect() {
    grep -qF -- "$2" <<<"$1" || { echo "$3 does not show '$2':" >&2; echo "$1" >&2; exit 1; }
}
header=$(ncdump -h "$golden")
expect "$header" "double cost(year, sex_2, age_band) ;" ncdump
expect "$header" 'cost:currency = "EUR" ;' ncdump
expect "$header" "string age_band(age_band) ;" ncdump
values=$(ncdump -g usual_care -v cost,age_band "$golden")
expect "$values" "1100, 1101, 1102" ncdump
expect "$values" '"0 tot 20", "20-45", "≥ 45"' ncdump
listing=$(h5ls -r "$golden")
expect "$listing" "/results/usual_care/cost Dataset {3, 2, 3}" h5ls
cd "$(dirname "$golden")"
sha256sum --check --quiet "$(basename "$golden").sha256"
