#!/usr/bin/env bash
# Compares llama2 with native engines on the same files in one run, and prints tables of medians and their ratios:
#   Llama2          built here for .NET 10, and with --net11 also published with .NET 11;
#   a llama-bench   of any build of llama.cpp or ik_llama.cpp, given by its path;
#   node-llama-cpp  the prebuilt llama.cpp of its npm package; needs npm;
#   LLamaSharp      its best build for the processor, from NuGet.
# An engine that is missing or fails is named with the reason, and the others are measured. Needs Node 20. Use an idle machine.
#
# usage: benchmarks/compare/run.sh [option …] MODEL.gguf …
#   --threads N            threads of every engine; all processors by default
#   --prompt N             tokens of the prompt: 256
#   --generate N           tokens to generate: 32
#   --rounds N             runs of each engine with each file, of which the median counts: 3
#   --short                two runs, and one of --long, --sessions and --load
#   --long MODEL           measures this model with --prompt and with --long-prompt N (4096) tokens as well
#   --sessions MODEL       measures this model with the numbers of concurrent sessions in --session-counts N,N (8,32) as well
#   --load MODEL           measures how long this model takes to load, and the copying of its bytes, as well
#   --net11                also measures llama2 on .NET 11
#   --llama2 [NAME=]PATH   also measures another llama2: a published program, or a llama2.dll
#   --llama-bench "[NAME=]PATH [OPTION …]"
#   --only NAME            measures only this engine; repeat it for several
#   --no-build             takes what an earlier call has built and installed
#   --record FILE          keeps every measurement; with the same record a call makes only those that are missing, or were made beside other work
#   --stop-after SECONDS   ends with 75 if measurements are left after this time; needs --record
#   --results [FILE]       writes the tables into benchmarks/results/PROCESSOR.md, or into FILE
#   --readme               writes the table of the README
# The options --long, --sessions, --load, --llama2 and --llama-bench can be repeated.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
output=$repository/artifacts/compare
build=1 net11=0 engines=() arguments=()
while [ $# -gt 0 ]; do
    case $1 in
        --no-build) build=0 ;;
        --net11) net11=1 ;;
        --results) if [[ ${2:-} == *.md ]]; then arguments+=("--results=$2"); shift; else arguments+=("--results="); fi ;;
        *) arguments+=("$1") ;;
    esac
    shift
done

missing() { engines+=("--missing=$1=$2"); }

if [ $build = 1 ]; then
    dotnet build -c Release --nologo -v quiet -f net10.0 "$repository/src/Llama2.Cli" >&2
    dotnet build -c Release --nologo -v quiet -f net10.0 "$repository/benchmarks/Llama2.Benchmarks" >&2
    dotnet build -c Release --nologo -v quiet "$here/llamasharp" >&2 || true
    if [ ! -d "$here/node_modules/node-llama-cpp" ] && command -v npm > /dev/null; then
        # Without install scripts nothing else is downloaded or compiled: the prebuilt library is in npm's packages.
        npm install --prefix "$here" --ignore-scripts --no-audit --no-fund --no-package-lock >&2 || true
    fi
    if [ $net11 = 1 ]; then
        platform=$(dotnet --info | sed -n 's/^ *RID: *//p')
        dotnet publish -c Release --nologo -v quiet -p:AppFramework=net11.0 -r "$platform" --self-contained -o "$output/net11" "$repository/src/Llama2.Cli" >&2 || true
    fi
fi

engines+=(--llama2 "$repository/src/Llama2.Cli/bin/Release/net10.0/llama2.dll" --benchmarks "$repository/benchmarks/Llama2.Benchmarks/bin/Release/net10.0/Llama2.Benchmarks.dll")
if [ $net11 = 1 ]; then
    if [ -x "$output/net11/llama2" ]; then engines+=(--llama2 "$output/net11/llama2"); else missing "Llama2, .NET 11" "it could not be published"; fi
fi
llamasharp=$here/llamasharp/bin/Release/net10.0/LlamaSharpSpeed.dll
if [ -f "$llamasharp" ]; then engines+=(--llamasharp "$llamasharp"); else missing LLamaSharp "it could not be built"; fi
if [ -d "$here/node_modules/node-llama-cpp" ]; then engines+=(--node-llama-cpp); else missing node-llama-cpp "it could not be installed"; fi
exec node "$here/compare.mjs" "${engines[@]}" "${arguments[@]}"
