using System.Diagnostics;

namespace Llama2.Tests;

/// <summary>
/// A process that uses a model without any thread of the library: this assembly, started as a program. It prints the number of threads that the
/// process had at the start, the largest number that it had later, the number of the library's threads, and a generated text.
/// </summary>
internal static class CallingThreads
{
    public const string Name = "calling-threads";

    /// <summary>Starts the process and returns its output lines.</summary>
    public static string[] Start()
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [typeof(CallingThreads).Assembly.Location, Name]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Tiered compilation and concurrent garbage collection would start and end threads of their own.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, error.Result);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The program that the process runs.</summary>
    public static int Run()
    {
        // Starts all threads of the thread pool before the threads are counted.
        int count = Environment.ProcessorCount;
        ThreadPool.SetMinThreads(count, count);
        ThreadPool.SetMaxThreads(count, count);
        using (var all = new Barrier(count))
        {
            Task.WaitAll([.. Enumerable.Range(0, count).Select(_ => Task.Run(() => all.SignalAndWait()))]);
        }

        RunAsync().GetAwaiter().GetResult();
        return 0;
    }

    private static async Task RunAsync()
    {
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { UseCallingThreads = true });
        int before = ThreadNames().Length, most = 0, own = 0;
        using LlamaModel model = await LlamaModel.LoadAsync(DemonstrationModel.Path, new LlamaModelOptions { Runtime = runtime });
        string text = "";
        await foreach (GenerationUpdate update in model.GenerateAsync("Once upon a time", new GenerationOptions { Seed = 7, MaxTokens = 60 }))
        {
            text += update.Text;
            Count();
        }

        IChatSession chat = model.CreateChatSession();
        await foreach (GenerationUpdate _ in chat.SendAsync("Tell me a story.", new GenerationOptions { MaxTokens = 30 }))
        {
            Count();
        }

        await model.ComputeEmbeddingsAsync(["one", "two", "three"]);
        Count();
        await model.ComputeLogitsAsync(new[] { 1, 2, 3 });
        Count();
        Console.WriteLine(before);
        Console.WriteLine(most);
        Console.WriteLine(own);
        Console.WriteLine(text.ReplaceLineEndings(" "));

        void Count()
        {
            string[] names = ThreadNames();
            most = Math.Max(most, names.Length);
            own = Math.Max(own, names.Count(name => name.StartsWith("Llama2", StringComparison.Ordinal)));
        }
    }

    private static string[] ThreadNames() => [.. Directory.EnumerateDirectories("/proc/self/task").Select(task => File.ReadAllText($"{task}/comm"))];
}
