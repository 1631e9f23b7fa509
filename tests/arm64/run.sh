#!/usr/bin/env bash
# Runs the tests of kernels and of whole models on an emulated ARM64 processor. Needs Debian's packages qemu-user, libc6-arm64-cross,
# libstdc++6-arm64-cross and libgcc-s1-arm64-cross, and .NET's runtime for linux-arm64 from a source of NuGet packages.
# Exit status 3: an emulator or its libraries are missing. Arguments: parts of test classes' names, instead of the usual ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

libraries=${ARM64_LIBRARIES:-/usr/aarch64-linux-gnu}
command -v qemu-aarch64 >/dev/null || { echo "qemu-aarch64 is not installed" >&2; exit 3; }
for library in ld-linux-aarch64.so.1 libstdc++.so.6 libgcc_s.so.1; do
    [ -e "$libraries/lib/$library" ] || { echo "$libraries/lib/$library is not there" >&2; exit 3; }
done

if [ $# -eq 0 ]; then
    set -- .Kernels. .WeightMatrixTests .LlamaTransformerTests .DeterminismTests
fi

dotnet publish Llama2.Arm64.csproj -c Release -r linux-arm64 --self-contained -o bin/arm64
# The emulator does not see code that is written through a second mapping of its page, nor always code that is replaced: .NET is to do neither.
export DOTNET_EnableWriteXorExecute=0 DOTNET_TieredCompilation=0
qemu-aarch64 -cpu max -L "$libraries" bin/arm64/Llama2.Arm64 "$@"
