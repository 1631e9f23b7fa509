namespace Llama2.Tests;

/// <summary>The programs that tests start as separate processes.</summary>
internal static class Program
{
    private static int Main(string[] arguments) => arguments is [CallingThreads.Name] ? CallingThreads.Run() : PeakMemory.Main(arguments);
}
