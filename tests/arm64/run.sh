#!/usr/bin/env bash
# Runs the tests of kernels and of whole models on an emulated ARM64 processor. Needs Debian's packages qemu-user, libc6-arm64-cross,
# libstdc++6-arm64-cross and libgcc-s1-arm64-cross, and .NET's runtime for linux-arm64 from a source of NuGet packages.
# Exit status 3: the emulator or its libraries are missing. Arguments: parts of the names of tests to run instead of the default ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

libraries=${ARM64_LIBRARIES:-/usr/aarch64-linux-gnu}
command -v qemu-aarch64 >/dev/null || { echo "qemu-aarch64 is not installed" >&2; exit 3; }
for library in ld-linux-aarch64.so.1 libstdc++.so.6 libgcc_s.so.1; do
    [ -e "$libraries/lib/$library" ] || { echo "$libraries/lib/$library does not exist" >&2; exit 3; }
done

if [ $# -eq 0 ]; then
    set -- .Kernels. .WeightMatrixTests .LlamaTransformerTests .DeterminismTests
fi

# The libraries are also restored for .NET 11. None that is tested here uses ASP.NET Core, whose runtime for ARM64 not every source of packages has.
dotnet publish ../Llama2.TestRunner -c Release -r linux-arm64 --self-contained -p:DisableTransitiveFrameworkReferenceDownloads=true -o bin
# The emulator does not notice code that is written through a second mapping of a page, and sometimes does not notice that code is replaced. These
# settings keep .NET from doing either.
export DOTNET_EnableWriteXorExecute=0 DOTNET_TieredCompilation=0
qemu-aarch64 -cpu max -L "$libraries" bin/Llama2.TestRunner "$@"
