using System.Diagnostics;
using Llama2.Extensions;
using Microsoft.Extensions.AI;

namespace Llama2.ServerLoad;

/// <summary>The time to the first text of a conversation whose prompt is known, over HTTP and in the same process, in turns.</summary>
internal static class FirstByte
{
    private const int WarmUpCount = 20;

    public static async Task RunAsync(LoadServer server, int rounds)
    {
        using var client = new LlamaChatClient(server.Model);
        // One token, so that the next round does not wait for the rest of the answer.
        string body = ChatStream.BodyOf(0, maxTokens: 1);
        ChatMessage[] messages = [new(ChatRole.User, ChatStream.QuestionOf(0))];
        var options = new ChatOptions { Seed = 0, Temperature = 1, MaxOutputTokens = 1 };
        List<double> http = [], library = [];
        for (int i = -WarmUpCount; i < rounds; i++)
        {
            double overHttp = await TimeHttpAsync(server.Client, body), inProcess = await TimeLibraryAsync(client, messages, options);
            if (i < 0)
                continue;
            http.Add(overHttp);
            library.Add(inProcess);
        }

        (double overHttpMedian, double inProcessMedian) = (Median(http), Median(library));
        Console.WriteLine(
            $"first byte of a known prompt, median of {rounds:N0}: HTTP {overHttpMedian:F2} ms, library {inProcessMedian:F2} ms, difference {overHttpMedian - inProcessMedian:F2} ms");
    }

    private static async Task<double> TimeHttpAsync(HttpClient client, string body)
    {
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await ChatStream.SendAsync(client, body);
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        _ = await stream.ReadAsync(new byte[1]);
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await stream.CopyToAsync(Stream.Null);
        return time;
    }

    private static async Task<double> TimeLibraryAsync(LlamaChatClient client, ChatMessage[] messages, ChatOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        double? time = null;
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(messages, options))
            time ??= Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return time!.Value;
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
