using System.Reflection;
using System.Runtime.InteropServices;
using Llama2.Tests;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Llama2.TestRunner;

/// <summary>
/// Runs tests in this process with xunit's own engine, where <c>dotnet test</c> cannot: on an emulated processor, or on a runtime that the SDK does not
/// have. Arguments are parts of names of tests, such as <c>.Kernels.</c>, <c>TopKTests</c> or <c>TopKTests.Apply_</c>; a test runs if its name with
/// namespace and class contains one of them, and none that follows a minus sign. With the argument <c>--digests</c>, no test runs; the digests of
/// <see cref="RuntimeDigests"/> are printed.
/// </summary>
internal static class Program
{
    private static int Main(string[] nameParts)
    {
        if (nameParts is ["--digests"])
        {
            RuntimeDigests.Write(Console.Out);
            return 0;
        }

        Console.WriteLine($"{RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}, kernels {LlamaHardware.KernelTier}");
        Assembly assembly = typeof(ArchitectureTests).Assembly;
        var framework = new XunitTestFramework(new TestResults());
        var found = new TestResults();
        using ITestFrameworkDiscoverer discoverer = framework.GetDiscoverer(new ReflectionAssemblyInfo(assembly));
        discoverer.Find(false, found, new TestOptions());
        found.Finished.WaitOne();
        ILookup<bool, string> parts = nameParts.ToLookup(part => part.StartsWith('-'), part => part.TrimStart('-'));
        // A part that matches no test is an error: otherwise the tests that it was meant to select would silently not run.
        foreach (string part in parts.SelectMany(group => group).Where(part => !found.Tests.Any(test => Has(test, part))))
        {
            Console.Error.WriteLine($"error: no test's name holds '{part}'");
            return 1;
        }

        ITestCase[] tests = [.. found.Tests.Where(test => parts[false].Any(part => Has(test, part)) && !parts[true].Any(part => Has(test, part)))];
        var results = new TestResults();
        using ITestFrameworkExecutor executor = framework.GetExecutor(assembly.GetName());
        executor.RunTests(tests, results, new TestOptions());
        results.Finished.WaitOne();
        Console.WriteLine($"Failed: {results.FailedCount}, Passed: {results.PassedCount}, Skipped: {results.SkippedCount}");
        return results.FailedCount == 0 && results.PassedCount > 0 ? 0 : 1;
    }

    private static bool Has(ITestCase test, string part)
        => $"{test.TestMethod.TestClass.Class.Name}.{test.TestMethod.Method.Name}".Contains(part, StringComparison.Ordinal);
}
