using Xunit.Abstractions;

namespace Llama2.TestRunner;

/// <summary>Counts what xunit reports and prints failures.</summary>
internal sealed class TestResults : LongLivedMarshalByRefObject, IMessageSink, IDisposable
{
    public ManualResetEvent Finished { get; } = new(false);

    public List<ITestCase> Tests { get; } = [];

    public int PassedCount { get; private set; }

    public int FailedCount { get; private set; }

    public int SkippedCount { get; private set; }

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestCaseDiscoveryMessage found: Tests.Add(found.TestCase); break;
            case ITestPassed: PassedCount++; break;
            case ITestSkipped: SkippedCount++; break;
            case ITestFailed failed: Fail(failed.Test.DisplayName, failed); break;
            case IErrorMessage error: Fail("outside a test", error); break;
            case ITestClassCleanupFailure failure: Fail(failure.TestClass.Class.Name, failure); break;
            case IDiscoveryCompleteMessage or ITestAssemblyFinished: Finished.Set(); break;
        }

        return true;
    }

    public void Dispose() => Finished.Dispose();

    private void Fail(string test, IFailureInformation failure)
    {
        FailedCount++;
        Console.WriteLine($"Failed {test}: {string.Join(Environment.NewLine, failure.Messages)}{Environment.NewLine}{failure.StackTraces[0]}");
    }
}
