// Loads a server in this process, and measures it: see run.sh.
using System.Diagnostics;
using System.Globalization;
using Llama2.Server;
using Llama2.ServerLoad;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [string mode, string modelPath, ..])
    return Usage();

double Number(double otherwise) => args.Length > 2 ? double.Parse(args[2], CultureInfo.InvariantCulture) : otherwise;
return mode switch
{
    "soak" => await SoakAsync(Number(10)),
    "flood" => await FloodAsync((int)Number(1000)),
    "first-byte" => await MeasureAsync(server => FirstByte.RunAsync(server, (int)Number(500))),
    "throughput" => await MeasureAsync(server => Throughput.RunAsync(server, 8, (int)Number(11))),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Llama2.ServerLoad soak MODEL [MINUTES [--report-memory-only]] | flood MODEL [CLIENTS] | first-byte MODEL [ROUNDS] | throughput MODEL [ROUNDS]");
    return 2;
}

async Task<int> SoakAsync(double minutes)
{
    // The keys and values fill their memory during the warm-up, so that later growth is a leak.
    await using LoadServer server = await LoadServer.StartAsync(options => (options.ModelPath, options.KeyValueCacheByteSize) = (modelPath, 64 << 20));
    var soak = new Soak(server, 64);
    await soak.PrepareAsync();
    await using var memory = new MemoryWatch();
    long start = Stopwatch.GetTimestamp();
    SoakResult result = await soak.RunAsync(_ => Stopwatch.GetElapsedTime(start).TotalMinutes < minutes);
    (double growth, long first, long last) = memory.Measure(0.2);
    Console.WriteLine($"64 clients, {minutes} minutes: {result}");
    // In a short run, the caches are still being filled, so the growth says nothing about leaks.
    bool limitsMemory = !args.Contains("--report-memory-only");
    Console.WriteLine(
        $"memory after the warm-up of a fifth: {first / 1048576.0:F1} MiB, at the end {last / 1048576.0:F1} MiB, growth {growth:P2} ({(limitsMemory ? "limit 2 %" : "not limited in a short run")})");
    foreach (string fault in result.Faults)
        Console.WriteLine(fault);
    return result is { DifferentCount: 0, StuckCount: 0, Faults.Count: 0 } && (!limitsMemory || growth <= 0.02) ? 0 : 1;
}

async Task<int> FloodAsync(int clientCount)
{
    // First the queue of the model, which may be longer than its memory is wide; then the limit of the whole server.
    int status = 0;
    foreach ((string name, int waitingCount, int activeCount) in new[] { ("a model's queue of 64", 64, 1_000_000), ("a server's limit of 64", 1024, 64) })
    {
        await using LoadServer server = await LoadServer.StartAsync(
            options => (options.ModelPath, options.MaxWaitingCount, options.KeyValueCacheByteSize) = (modelPath, waitingCount, 8 << 20),
            new LlamaServerOptions { MaxActiveRequestCount = activeCount });
        SortedDictionary<string, int> outcomes = await new Flood(server).RunAsync(clientCount);
        int stuck = await server.CountStuckAsync();
        string counts = string.Join(", ", outcomes.Select(outcome => $"{outcome.Value:N0} × {outcome.Key}"));
        Console.WriteLine($"{clientCount:N0} clients, {name}: {counts}; {stuck} calls stuck");
        if (stuck > 0 || outcomes.Keys.Any(outcome => outcome is not ("200" or "429")))
            status = 1;
    }

    return status;
}

async Task<int> MeasureAsync(Func<LoadServer, Task> measure)
{
    await using LoadServer server = await LoadServer.StartAsync(options => options.ModelPath = modelPath);
    await measure(server);
    return 0;
}
