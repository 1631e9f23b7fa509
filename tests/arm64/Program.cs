using System.Reflection;
using System.Runtime.Intrinsics.Arm;
using Llama2.Tests;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Llama2.Arm64;

/// <summary>
/// Runs tests in this process with xunit's own engine, because <c>dotnet test</c> needs an SDK for the processor under test, which an emulator does
/// not have. Arguments are parts of names of test classes; a test runs if the name of its class contains one of them.
/// </summary>
internal static class Program
{
    private static int Main(string[] nameParts)
    {
        Console.WriteLine($"AdvSimd {AdvSimd.Arm64.IsSupported}, dot product {Dp.IsSupported}, .NET {Environment.Version}");
        // A part that matches no class is an error: otherwise the tests that it was meant to select would silently not run.
        Assembly assembly = typeof(ArchitectureTests).Assembly;
        var framework = new XunitTestFramework(new TestResults());
        var found = new TestResults();
        using ITestFrameworkDiscoverer discoverer = framework.GetDiscoverer(new ReflectionAssemblyInfo(assembly));
        discoverer.Find(false, found, new TestOptions());
        found.Finished.WaitOne();
        ITestCase[] tests = [.. found.Tests.Where(test => nameParts.Any(part => ClassName(test).Contains(part, StringComparison.Ordinal)))];
        foreach (string part in nameParts.Where(part => !tests.Any(test => ClassName(test).Contains(part, StringComparison.Ordinal))))
        {
            Console.Error.WriteLine($"error: no test class's name holds '{part}'");
            return 1;
        }

        var results = new TestResults();
        using ITestFrameworkExecutor executor = framework.GetExecutor(assembly.GetName());
        executor.RunTests(tests, results, new TestOptions());
        results.Finished.WaitOne();
        Console.WriteLine($"Failed: {results.FailedCount}, Passed: {results.PassedCount}, Skipped: {results.SkippedCount}");
        return results.FailedCount == 0 && results.PassedCount > 0 ? 0 : 1;
    }

    private static string ClassName(ITestCase test) => test.TestMethod.TestClass.Class.Name;
}
