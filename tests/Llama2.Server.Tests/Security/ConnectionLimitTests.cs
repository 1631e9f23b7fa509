using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests.Security;

/// <summary>Clients that send slowly, on raw sockets. Kestrel measures its own limits with the machine's clock, so these tests take a few seconds.</summary>
public sealed class ConnectionLimitTests
{
    private const string Head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n";

    [Fact]
    public async Task Send_BodyThatStops_Is408AndTheConnectionIsClosed()
    {
        var clock = new ManualTimeProvider();
        TimeSpan limit = TimeSpan.FromSeconds(7);
        await using LocalServer server = await StartAsync(new LlamaServerOptions { BodyTimeout = limit }, clock: clock);
        Task reading = clock.StartedAsync(limit);
        Task<string> answering = SendAsync(server, Head + "\r\n{\"messages\": ");
        await reading.WaitAsync(TimeSpan.FromSeconds(60));

        clock.Advance(limit);

        string answer = await answering;
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
        await using RawConnection first = await RawConnection.OpenAsync(server);
        // The server has accepted the first connection when it has answered on it.
        await first.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        using HttpResponseMessage response = await first.ReadAsync();

        await using RawConnection second = await RawConnection.OpenAsync(server);

        (await second.ReadToEndAsync()).Should().BeEmpty();
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

    private static Task<LocalServer> StartAsync(LlamaServerOptions options, LlamaConnectionLimits? limits = null, TimeProvider? clock = null) => LocalServer.StartAsync(
        services =>
        {
            services.AddSingleton(clock ?? TimeProvider.System);
            services.AddLlama(DemonstrationModel.Path);
            services.AddLlamaConnectionLimits(limits);
        },
        options);

    private static async Task<string> SendAsync(LocalServer server, string text)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync(text);
        return await connection.ReadToEndAsync();
    }
}
