using System.Net;

namespace Llama2.ServerLoad;

/// <summary>
/// Many clients at once: most read whole answers, which must be the same as when each is the only one; some disconnect during an answer, cancel before it
/// begins, or send a bad body.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="clientCount">The number of clients.</param>
/// <param name="seed">Chooses what the clients do.</param>
internal sealed class Soak(LoadServer server, int clientCount, int seed = 1)
{
    // The different requests, whose answers are computed one by one first.
    private const int RequestCount = 16;
    private static readonly string[] s_badBodies =
        ["", "{", "[]", "{\"messages\": 1}", "{\"messages\": [], \"x\": 1}", "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"temperature\": 9}"];
    private readonly string[] _expected = new string[RequestCount];

    /// <summary>Computes the answers that are expected. Called first.</summary>
    public async Task PrepareAsync()
    {
        for (int i = 0; i < RequestCount; i++)
        {
            using HttpResponseMessage response = await ChatStream.SendAsync(server.Client, ChatStream.BodyOf(i));
            _expected[i] = (await ChatStream.ReadAsync(response))?.Text ?? throw new InvalidOperationException($"Request {i} has no whole answer although it is the only one.");
        }
    }

    /// <summary>Runs the clients.</summary>
    /// <param name="goesOn">Whether a client that has sent this number of requests sends a further one.</param>
    public async Task<SoakResult> RunAsync(Func<int, bool> goesOn)
    {
        var result = new SoakResult();
        await Task.WhenAll(Enumerable.Range(0, clientCount).Select(client => Task.Run(() => RunClientAsync(client, goesOn, result))));
        result.StuckCount = await server.CountStuckAsync();
        return result;
    }

    private async Task RunClientAsync(int client, Func<int, bool> goesOn, SoakResult result)
    {
        var random = new Random(HashCode.Combine(seed, client));
        for (int count = 0; goesOn(count); count++)
        {
            int index = random.Next(RequestCount);
            try
            {
                // The first requests of the clients together do everything once, however few requests there are.
                await (((count == 0 ? client : random.Next(10)) % 10) switch
                {
                    0 => SendBadBodyAsync(random, result),
                    1 => LeaveAsync(index, random, result),
                    2 => CancelAsync(index, random, result),
                    _ => ReadAsync(index, result),
                });
            }
            catch (Exception exception)
            {
                result.AddFault($"{exception.GetType().Name}: {exception.Message}");
            }
        }
    }

    private async Task ReadAsync(int index, SoakResult result)
    {
        using HttpResponseMessage response = await ChatStream.SendAsync(server.Client, ChatStream.BodyOf(index));
        (string Text, int)? answer = await ChatStream.ReadAsync(response);
        if (response.StatusCode != HttpStatusCode.OK || answer is null)
            result.AddFault($"request {index}: status {(int)response.StatusCode}, {(answer is null ? "cut off" : "whole")}");
        else
            result.AddWhole(answer.Value.Text == _expected[index]);
    }

    private async Task LeaveAsync(int index, Random random, SoakResult result)
    {
        using HttpResponseMessage response = await ChatStream.SendAsync(server.Client, ChatStream.BodyOf(index));
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        _ = await stream.ReadAsync(new byte[random.Next(1, 2000)]);
        if (response.StatusCode == HttpStatusCode.OK)
            result.AddLeft();
        else
            result.AddFault($"request {index}: status {(int)response.StatusCode}");
    }

    private async Task CancelAsync(int index, Random random, SoakResult result)
    {
        using var leaving = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(20)));
        try
        {
            using HttpResponseMessage response = await ChatStream.SendAsync(server.Client, ChatStream.BodyOf(index), leaving.Token);
        }
        catch (OperationCanceledException)
        {
            // Cancelled in time.
        }

        result.AddCancelled();
    }

    private async Task SendBadBodyAsync(Random random, SoakResult result)
    {
        using HttpResponseMessage response = await ChatStream.SendAsync(server.Client, s_badBodies[random.Next(s_badBodies.Length)]);
        if (response.StatusCode == HttpStatusCode.BadRequest)
            result.AddRefused();
        else
            result.AddFault($"bad body: status {(int)response.StatusCode}");
    }
}
