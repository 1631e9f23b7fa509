using System.Net;

namespace Llama2.ServerLoad;

/// <summary>Many clients that all send a request at the same moment to a server that accepts fewer.</summary>
/// <param name="server">The server.</param>
internal sealed class Flood(LoadServer server)
{
    /// <summary>Sends the requests.</summary>
    /// <param name="clientCount">The number of clients, each with a connection of its own.</param>
    /// <returns>The number of answers for each outcome: <c>200</c>, <c>429</c>, or what should not happen.</returns>
    public async Task<SortedDictionary<string, int>> RunAsync(int clientCount)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string>[] clients = [.. Enumerable.Range(0, clientCount).Select(index => SendAsync(index, start.Task))];
        start.SetResult();
        string[] outcomes = await Task.WhenAll(clients);
        return new SortedDictionary<string, int>(outcomes.GroupBy(outcome => outcome).ToDictionary(group => group.Key, group => group.Count()));
    }

    private async Task<string> SendAsync(int index, Task start)
    {
        await start;
        await Task.Yield();
        try
        {
            using HttpResponseMessage response = await ChatStream.SendAsync(server.Client, ChatStream.BodyOf(index));
            return response.StatusCode switch
            {
                HttpStatusCode.OK when await ChatStream.ReadAsync(response) is null => "200, cut off",
                HttpStatusCode.TooManyRequests when response.Headers.RetryAfter is not { Delta.TotalSeconds: >= 1 } => "429 without Retry-After",
                _ => $"{(int)response.StatusCode}",
            };
        }
        catch (HttpRequestException exception)
        {
            return $"{exception.HttpRequestError}: {exception.Message}";
        }
    }
}
