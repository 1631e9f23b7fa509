#!/usr/bin/env bash
# Runs the tests of Llama2.Core on .NET 11, and compares, bit for bit, what .NET 10 and .NET 11 compute. The runtime of .NET 11 comes from a source of
# NuGet packages and is published with the tests, so it need not be installed.
# Exit status 3: the source does not have this runtime. Arguments: parts of the names of tests to run instead of all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
runner=../Llama2.TestRunner/Llama2.TestRunner.csproj

if [ $# -eq 0 ]; then
    # Without the tests that start this assembly as a program, which would need an installed runtime.
    set -- Llama2.Tests. -PeakMemory -UsesCallingThreads_
fi

# The analyzers have seen this code in the build for .NET 10.
mkdir -p bin
if ! dotnet publish "$runner" -c Release -r linux-x64 --self-contained -p:AppFramework=net11.0 -p:RunAnalyzersDuringBuild=false -o bin/net11.0 >bin/publish.txt 2>&1; then
    cat bin/publish.txt >&2
    ! grep -qE 'NU1(101|102|301): .*Microsoft\.NETCore\.App\.' bin/publish.txt || exit 3
    exit 1
fi

# This also restores the packages of .NET 10 again, which other commands expect.
dotnet build "$runner" -c Release -o bin/net10.0 >bin/build.txt || { cat bin/build.txt >&2; exit 1; }
dotnet bin/net10.0/Llama2.TestRunner.dll --digests >bin/net10.0.txt
bin/net11.0/Llama2.TestRunner --digests >bin/net11.0.txt
diff bin/net10.0.txt bin/net11.0.txt || { echo "error: .NET 10 (<) and .NET 11 (>) do not compute the same bits" >&2; exit 1; }
echo "$(wc -l <bin/net10.0.txt) digests of .NET 10 and .NET 11 are equal"

bin/net11.0/Llama2.TestRunner "$@"
