using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Llama2.Tests.Store;

/// <summary>A hub of one repository on this machine, which replies as the real one does, or as a test requires.</summary>
internal sealed class TestHub : IDisposable
{
    public const string Repository = "owner/repo";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();

    public TestHub(params (string Path, byte[] Content)[] files)
    {
        Files = files.ToDictionary(file => file.Path, file => file.Content);
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Endpoint => new($"http://{_listener.LocalEndpoint}");

    /// <summary>The repository's files.</summary>
    public Dictionary<string, byte[]> Files { get; }

    /// <summary>Whether the repository is one of data; the hub has none of models then.</summary>
    public bool IsOfData { get; init; }

    /// <summary>The entity tag of every file; a test that changes files must set another one.</summary>
    public string EntityTag { get; set; } = "\"1\"";

    /// <summary>Changes the ordinary reply to a request.</summary>
    public Func<HubRequest, HubReply, HubReply> Alter { get; set; } = (_, reply) => reply;

    public ConcurrentQueue<HubRequest> Requests { get; } = [];

    public IEnumerable<HubRequest> FileRequests => Requests.Where(request => request.IsForFile);

    /// <summary>Incompressible bytes, the same for the same seed.</summary>
    public static byte[] Content(int length, int seed = 1)
    {
        byte[] content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                // Each connection is served on a thread of its own, because a reply that a test delays would otherwise prevent the next connection
                // from being accepted.
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using NetworkStream stream = client.GetStream();
                if (await ReadAsync(stream) is not { } request)
                    return;
                Requests.Enqueue(request);
                await WriteAsync(stream, Alter(request, Answer(request)));
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
            }
        }
    }

    private async Task<HubRequest?> ReadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(buffer, _stop.Token);
            if (count == 0)
                return null;
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        string[] lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new HubRequest(lines[0].Split(' ')[1], lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The hub's reply if no test changes it.</summary>
    public HubReply Ordinary(string path) => Answer(new HubRequest(path, new Dictionary<string, string>()));

    private HubReply Answer(HubRequest request)
    {
        if (request.Path.StartsWith($"/api/{(IsOfData ? "datasets" : "models")}/{Repository}/revision/", StringComparison.Ordinal))
            return new HubReply(200, List());
        const string Datasets = "/datasets";
        bool isOfData = request.Path.StartsWith($"{Datasets}/", StringComparison.Ordinal);
        string path = Uri.UnescapeDataString((isOfData ? request.Path[Datasets.Length..] : request.Path).Split('/', 6)[^1]);
        if (!request.IsForFile || isOfData != IsOfData || !Files.TryGetValue(path, out byte[]? content))
            return new HubReply(404, []);

        bool isSame = request.Header("If-Range") is not { } tag || tag == EntityTag;
        if (request.Header("Range") is not { } range || !isSame)
            return new HubReply(200, content).With("ETag", EntityTag);
        int offset = int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
        return offset >= content.Length
            ? new HubReply(416, []).With("Content-Range", $"bytes */{content.Length}")
            : new HubReply(206, content[offset..]).With("ETag", EntityTag).With("Content-Range", $"bytes {offset}-{content.Length - 1}/{content.Length}");
    }

    // Large files have a SHA-256, the others Git's own hash.
    private byte[] List() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = Repository,
        sha = Commit,
        siblings = Files.Select(file => file.Key.EndsWith(".json", StringComparison.Ordinal)
            ? (object)new { rfilename = file.Key, size = file.Value.Length, blobId = GitHash(file.Value) }
            : new { rfilename = file.Key, size = file.Value.Length, blobId = GitHash([]), lfs = new { sha256 = Convert.ToHexStringLower(SHA256.HashData(file.Value)), size = file.Value.Length, pointerSize = 130 } }),
    });

#pragma warning disable CA5350 // Git uses SHA-1.
    private static string GitHash(byte[] content) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
#pragma warning restore CA5350

    private async Task WriteAsync(NetworkStream stream, HubReply reply)
    {
        var head = new StringBuilder($"HTTP/1.1 {reply.Status} Answer\r\nConnection: close\r\n");
        if (reply.DeclaredLength != -1)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {reply.DeclaredLength ?? reply.Body.Length}\r\n");
        foreach ((string name, string value) in reply.Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _stop.Token);

        int end = Math.Min(reply.CutAt ?? reply.Body.Length, reply.StallAt ?? reply.Body.Length);
        for (int sent = 0; sent < end;)
        {
            int count = Math.Min(reply.ChunkLength, end - sent);
            await stream.WriteAsync(reply.Body.AsMemory(sent, count), _stop.Token);
            sent += count;
            if (reply.Pause > TimeSpan.Zero)
                await Task.Delay(reply.Pause, _stop.Token);
        }

        if (reply.StallAt is not null)
            await Task.Delay(Timeout.Infinite, _stop.Token);
    }
}
