#!/usr/bin/env bash
# Puts h5wasm (HDF5 in WebAssembly) into a directory of the build; does nothing when it is there.
set -euo pipefail
directory=$1
version=0.10.3
for tool in node npm; do
    command -v $tool >/dev/null || { echo "missing reader: $tool (install Node.js 18 or newer, and npm)" >&2; exit 1; }
done
mkdir -p "$directory"
cd "$directory"
if [ "$(node -p 'require("./node_modules/h5wasm/package.json").version' 2>/dev/null)" = $version ]; then exit 0; fi
echo '{"private": true}' > package.json
npm install --no-audit --no-fund --loglevel error h5wasm@$version ||
    { echo "missing reader: npm could not install h5wasm $version" >&2; exit 1; }
