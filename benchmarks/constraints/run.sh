#!/usr/bin/env bash
# Tests and measures constrained output, and writes the figures as one JSON object with a member for each part:
#   llama2      an eighth of MaskBench (1,282 JSON schemas with valid and invalid instances), which is beside the clone in ../shared/data, with Llama 2's
#               vocabulary, on one thread;
#   xgrammar    the same schemas and the same tokens with XGrammar, compiled to WebAssembly; needs Node 20 and npm;
#   generation  the speed of constrained generations, compared with free ones; only with --model.
# usage: benchmarks/constraints/run.sh [--no-peer] [--model MODEL [--model-tokenizer TOKENIZER]] [FILE.jsonl [TOKENIZER]]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
shared=$repository/../shared
has_peer=1 model="" model_tokenizer=""
while [[ ${1:-} == --* ]]; do
    case $1 in
        --no-peer) has_peer=0; shift ;;
        --model) model=${2:?--model needs a path}; shift 2 ;;
        --model-tokenizer) model_tokenizer=${2:?--model-tokenizer needs a path}; shift 2 ;;
        *) echo "run.sh: unknown option '$1'; see the head of this script." >&2; exit 2 ;;
    esac
done

tests=${1:-$shared/data/maskbench/dev.jsonl}
tokenizer=${2:-$shared/golden/tokenizer/tokenizer.model}
for file in "$tests" "$tokenizer" ${model:+"$model"} ${model_tokenizer:+"$model_tokenizer"}; do
    if [ ! -f "$file" ]; then
        echo "run.sh: there is no file '$file'; give the paths of the tests, the tokenizer and the model." >&2
        exit 1
    fi
done

if [ $has_peer = 1 ] && ! command -v npm > /dev/null; then
    echo "run.sh: XGrammar is left out, because it needs Node 20 and npm." >&2
    has_peer=0
fi

dotnet build -c Release --nologo -v quiet "$repository/src/Llama2.Cli" >&2
dotnet build -c Release --nologo -v quiet "$repository/benchmarks/Llama2.Benchmarks" >&2
benchmarks=$repository/benchmarks/Llama2.Benchmarks/bin/Release/net10.0/Llama2.Benchmarks.dll
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

echo "run.sh: llama2 …" >&2
dotnet "$repository/src/Llama2.Cli/bin/Release/net10.0/llama2.dll" constraint bench "$tests" --tokenizer "$tokenizer" --json --quiet > "$folder/llama2.json"

if [ $has_peer = 1 ]; then
    if [ ! -d "$here/node_modules/@mlc-ai/web-xgrammar" ]; then
        npm install --prefix "$here" --ignore-scripts --no-audit --no-fund --no-package-lock >&2
    fi

    echo "run.sh: XGrammar …" >&2
    dotnet "$benchmarks" quick constraint-texts "$tests" "$tokenizer" "$folder/texts.jsonl"
    node "$here/xgrammar.mjs" "$folder/texts.jsonl" > "$folder/xgrammar.json" 2> "$folder/xgrammar.log" || { cat "$folder/xgrammar.log" >&2; exit 1; }
    # Shows only the schemas that exceeded the time limit or whose worker failed. The other faults are numerous, and are counted in the figures.
    grep -E ": (not done after|.*Aborted)" "$folder/xgrammar.log" >&2 || true
fi

if [ -n "$model" ]; then
    echo "run.sh: generations with $(basename "$model") …" >&2
    dotnet "$benchmarks" quick constraints "$model" ${model_tokenizer:+"$model_tokenizer"} > "$folder/generation.json"
else
    echo "run.sh: the speed of generations is left out; --model MODEL measures it." >&2
fi

separator="{"
for part in llama2 xgrammar generation; do
    if [ -f "$folder/$part.json" ]; then
        printf '%s\n"%s": ' "$separator" "$part"
        cat "$folder/$part.json"
        separator=","
    fi
done
echo "}"
