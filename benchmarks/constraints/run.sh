#!/usr/bin/env bash
# Runs an eighth of MaskBench (1,282 JSON schemas with valid and invalid instances), which is beside the clone in ../shared/data, with Llama 2's
# vocabulary, and writes the figures as one JSON object.
# usage: benchmarks/constraints/run.sh [FILE.jsonl [TOKENIZER]]
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
shared=$repository/../shared
tests=${1:-$shared/data/maskbench/dev.jsonl}
tokenizer=${2:-$shared/golden/tokenizer/tokenizer.model}
for file in "$tests" "$tokenizer"; do
    if [ ! -f "$file" ]; then
        echo "run.sh: there is no file '$file'; give the paths of the tests and the tokenizer." >&2
        exit 1
    fi
done

dotnet build -c Release --nologo -v quiet "$repository/src/Llama2.Cli" >&2
exec dotnet "$repository/src/Llama2.Cli/bin/Release/net10.0/llama2.dll" constraint bench "$tests" --tokenizer "$tokenizer" --json
