using System.Net.Sockets;
using System.Text;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests.Security;

/// <summary>Clients that send slowly, on raw sockets. Kestrel measures time with the machine's clock, so these tests take a few seconds.</summary>
public sealed class ConnectionLimitTests
{
    private const string Head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n";

    [Fact]
    public async Task Send_BodyThatStops_Is408AndTheConnectionIsClosed()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions { BodyTimeout = TimeSpan.FromMilliseconds(200) });

        string answer = await SendAsync(server, Head + "\r\n{\"messages\": ");

        answer.Should().StartWith("HTTP/1.1 408 ").And.Contain("Connection: close").And.Contain("\"code\":\"request_timeout\"").And.Contain("\"type\":\"invalid_request_error\"");
    }

    [Fact]
    public async Task Send_HeadersThatStop_Is408AndTheConnectionIsClosed()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions(), new LlamaConnectionLimits { HeadersTimeout = TimeSpan.FromSeconds(1) });

        (await SendAsync(server, Head)).Should().StartWith("HTTP/1.1 408 ");
    }

    [Fact]
    public async Task Send_BodySlowerThanTheMinimumRate_Is408AndTheConnectionIsClosed()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions { BodyTimeout = TimeSpan.FromMinutes(5) }, new LlamaConnectionLimits { MinByteRate = 1000 });

        (await SendAsync(server, Head + "\r\n{\"messages\": ")).Should().StartWith("HTTP/1.1 408 ").And.Contain("\"code\":\"request_timeout\"");
    }

    [Fact]
    public async Task Connect_MoreThanTheLimit_IsClosed()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions(), new LlamaConnectionLimits { MaxConnectionCount = 1 });
        using Socket first = await ConnectAsync(server);
        // The server has accepted the first connection when it has answered on it.
        await first.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        (await first.ReceiveAsync(new byte[4096])).Should().BePositive();

        using Socket second = await ConnectAsync(server);
        string answer = await ReadAsync(second);

        answer.Should().BeEmpty();
    }

    [Fact]
    public void Limits_OutOfRange_Throw()
    {
        Func<LlamaConnectionLimits>[] limits =
        [
            () => new() { MaxConnectionCount = 0 }, () => new() { HeadersTimeout = TimeSpan.FromMilliseconds(999) }, () => new() { IdleTimeout = TimeSpan.FromHours(2) }, () => new() { MinByteRate = 0 },
        ];
        string[] names = ["MaxConnectionCount", "HeadersTimeout", "IdleTimeout", "MinByteRate"];
        foreach ((Func<LlamaConnectionLimits> create, string name) in limits.Zip(names))
            FluentActions.Invoking(create).Should().Throw<ArgumentOutOfRangeException>().WithParameterName(name);
    }

    private static Task<LocalServer> StartAsync(LlamaServerOptions options, LlamaConnectionLimits? limits = null) => LocalServer.StartAsync(
        services =>
        {
            services.AddLlama(DemonstrationModel.Path);
            services.AddLlamaConnectionLimits(limits);
        },
        options);

    private static async Task<Socket> ConnectAsync(LocalServer server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", server.Client.BaseAddress!.Port);
        return socket;
    }

    private static async Task<string> SendAsync(LocalServer server, string text)
    {
        using Socket socket = await ConnectAsync(server);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        return await ReadAsync(socket);
    }

    // All that the server sends until it closes the connection.
    private static async Task<string> ReadAsync(Socket socket)
    {
        using var ending = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var text = new StringBuilder();
        var bytes = new byte[4096];
        try
        {
            int count;
            while ((count = await socket.ReceiveAsync(bytes, ending.Token)) > 0)
                text.Append(Encoding.UTF8.GetString(bytes, 0, count));
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset)
        {
            // The server closed the connection although the client had sent more.
        }

        return text.ToString();
    }
}
