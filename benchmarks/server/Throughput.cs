using System.Diagnostics;
using Llama2.Extensions;
using Microsoft.Extensions.AI;

namespace Llama2.ServerLoad;

/// <summary>Tokens per second of several streams at once, over HTTP and in the same process, in turns. Seeds make both compute the same tokens.</summary>
internal static class Throughput
{
    private const int MaxTokens = 160;

    public static async Task RunAsync(LoadServer server, int streamCount, int rounds)
    {
        using var client = new LlamaChatClient(server.Model);
        List<double> ratios = [];
        // The first round only warms up.
        for (int round = 0; round <= rounds; round++)
        {
            double http = await MeasureAsync(streamCount, index => StreamHttpAsync(server.Client, index));
            double library = await MeasureAsync(streamCount, index => StreamLibraryAsync(client, index));
            if (round == 0)
                continue;
            ratios.Add(http / library);
            Console.WriteLine($"round {round}: HTTP {http:N0} tokens/s, library {library:N0} tokens/s, ratio {http / library:F3}");
        }

        double[] sorted = [.. ratios.Order()];
        Console.WriteLine($"{streamCount} streams, median of {rounds} rounds: HTTP reaches {sorted[sorted.Length / 2]:P1} of the library's tokens per second");
    }

    private static async Task<double> MeasureAsync(int streamCount, Func<int, Task<int>> stream)
    {
        long start = Stopwatch.GetTimestamp();
        int[] counts = await Task.WhenAll(Enumerable.Range(0, streamCount).Select(index => Task.Run(() => stream(index))));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<int> StreamHttpAsync(HttpClient client, int index)
    {
        using HttpResponseMessage response = await ChatStream.SendAsync(client, ChatStream.BodyOf(index, MaxTokens));
        return (await ChatStream.ReadAsync(response))?.TokenCount ?? throw new InvalidOperationException($"Stream {index} was cut off.");
    }

    private static async Task<int> StreamLibraryAsync(LlamaChatClient client, int index)
    {
        var options = new ChatOptions { Seed = index, Temperature = 1, MaxOutputTokens = MaxTokens };
        long count = 0;
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, ChatStream.QuestionOf(index))], options))
            count += update.Contents.OfType<UsageContent>().Sum(usage => usage.Details.OutputTokenCount ?? 0);
        return (int)count;
    }
}
