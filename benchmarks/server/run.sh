#!/usr/bin/env bash
# Loads a server with many clients in one process, and measures what HTTP costs. Ends with 1 if the server did something that it must not do.
#   soak        64 clients that stream for MINUTES (10), with random disconnects, cancellations and bad bodies. Whole answers must be those that one client gets alone, the
#               memory may grow by 2 % after the warm-up, and no call may be left at the end. With --short the growth is only reported, because the
#               caches are still being filled after seconds.
#   flood       CLIENTS (1,000) that ask at the same moment, against a model's queue of 64 and against a server's limit of 64: only 200 and 429, with Retry-After.
#   first-byte  the time to the first byte of a known prompt over HTTP and in the library, in turns, median of ROUNDS (500).
#   throughput  tokens per second of 8 streams over HTTP and of 8 in the library, in turns, median of ROUNDS (11).
# usage: benchmarks/server/run.sh [--model MODEL] [--short] [soak|flood|first-byte|throughput …]      all four by default; --short takes seconds
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
model=$repository/samples/models/storyteller-1m-Q8_0.gguf
soak_options=()
declare -A numbers=([soak]=10 [flood]=1000 [first-byte]=500 [throughput]=11)
while [[ ${1:-} == --* ]]; do
    case $1 in
        --model) model=${2:?--model needs a path}; shift 2 ;;
        --short) soak_options=(--report-memory-only); numbers=([soak]=0.2 [flood]=1000 [first-byte]=50 [throughput]=3); shift ;;
        *) echo "run.sh: unknown option '$1'; see the head of this script." >&2; exit 2 ;;
    esac
done

if [ ! -f "$model" ]; then
    echo "run.sh: there is no file '$model'; give the path of a model." >&2
    exit 1
fi

dotnet build -c Release --nologo -v quiet "$here" >&2
status=0
for mode in "${@:-soak}"; do
    [ -n "${numbers[$mode]:-}" ] || { echo "run.sh: unknown measurement '$mode'; see the head of this script." >&2; exit 2; }
done
if [ $# = 0 ]; then
    set -- soak flood first-byte throughput
fi
for mode in "$@"; do
    echo "run.sh: $mode …" >&2
    options=()
    [ "$mode" != soak ] || options=("${soak_options[@]}")
    dotnet "$here/bin/Release/net10.0/Llama2.ServerLoad.dll" "$mode" "$model" "${numbers[$mode]}" "${options[@]}" || status=$?
done
exit $status
