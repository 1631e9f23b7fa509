#!/usr/bin/env bash
# Compares llama2 with llama.cpp, in the prebuilt version of node-llama-cpp, on the same files in one run. Needs Node 20 and npm.
# usage: benchmarks/compare/run.sh [--threads N] [--prompt N] [--generate N] [--rounds N] MODEL.gguf …
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$here/../..

if [ ! -d "$here/node_modules/node-llama-cpp" ]; then
    # Without install scripts nothing else is downloaded or compiled: the prebuilt library is in npm's packages.
    npm install --prefix "$here" --ignore-scripts --no-audit --no-fund --no-package-lock >&2
fi

dotnet build -c Release --nologo -v quiet "$repository/src/Llama2.Cli" >&2
exec node "$here/compare.mjs" --llama2 "$repository/src/Llama2.Cli/bin/Release/net10.0/llama2.dll" "$@"
