using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Llama2.Server.Tests;

/// <summary>A connection on which a test writes requests byte by byte, also such as no client would write.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    // Only a fault takes as long.
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(2));
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket);
    }

    public static async Task<RawConnection> OpenAsync(LocalServer server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
        return new RawConnection(socket);
    }

    public Task SendAsync(string bytes) => _stream.WriteAsync(Encoding.UTF8.GetBytes(bytes)).AsTask();

    /// <summary>Says that no more bytes will come; the server can still answer.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection at once, as if the client's machine had lost its power.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    /// <summary>Whether the server has closed the connection; waits for that or for the next byte.</summary>
    public async Task<bool> IsClosedAsync()
    {
        try
        {
            return await _stream.ReadAsync(new byte[1], _patience.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Reads all that the server sends until it closes the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var bytes = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(bytes, _patience.Token);
        }
        catch (IOException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // The server closed the connection although the client had sent more.
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="hasBody">Whether the answer has a body; the answer to HEAD has none, whatever its headers say.</param>
    public async Task<HttpResponseMessage> ReadAsync(bool hasBody = true)
    {
        string[] status = (await ReadLineAsync()).Split(' ', 3);
        status[0].Should().Be("HTTP/1.1");
        var response = new HttpResponseMessage((HttpStatusCode)int.Parse(status[1], CultureInfo.InvariantCulture)) { Content = new ByteArrayContent([]) };
        List<(string Name, string Value)> headers = [];
        while (await ReadLineAsync() is { Length: > 0 } line)
            headers.Add((line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()));

        string? length = headers.Find(header => header.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Value;
        bool isChunked = headers.Exists(header => header is { Name: "Transfer-Encoding", Value: "chunked" });
        bool canHaveBody = hasBody && status[1] is not ("100" or "204");
        response.Content = new ByteArrayContent(!canHaveBody ? [] : isChunked ? await ReadChunksAsync() : await ReadBytesAsync(int.Parse(length ?? "0", CultureInfo.InvariantCulture)));
        foreach ((string name, string value) in headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
                response.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
        _patience.Dispose();
    }

    private async Task<byte[]> ReadChunksAsync()
    {
        List<byte> body = [];
        while (int.Parse(await ReadLineAsync(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var size)
        {
            body.AddRange(await ReadBytesAsync(size));
            (await ReadLineAsync()).Should().BeEmpty();
            if (size == 0)
                break;
        }

        return [.. body];
    }

    private async Task<byte[]> ReadBytesAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, _patience.Token);
        return bytes;
    }

    private async Task<string> ReadLineAsync()
    {
        List<byte> line = [];
        var next = new byte[1];
        while (!line.Take(^2..).SequenceEqual("\r\n"u8.ToArray()))
        {
            await _stream.ReadExactlyAsync(next, _patience.Token);
            line.Add(next[0]);
        }

        return Encoding.UTF8.GetString([.. line.Take(..^2)]);
    }
}
