using System.Net;
using Llama2.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Tests.Security;

public sealed class LoopbackHostFilteringTests
{
    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("localhost:8080", 200)]
    [InlineData("127.0.0.1:1", 200)]
    [InlineData("[::1]:8080", 200)]
    [InlineData("proxy.internal", 200)]
    [InlineData("evil.example", 400)]
    [InlineData("localhost.evil.example", 400)]
    [InlineData("127.0.0.1.evil.example:8080", 400)]
    public async Task Get_Host_MustBeThisMachine(string host, int status)
    {
        await using LocalServer server = await LocalServer.StartAsync(services =>
        {
            services.AddLlama(DemonstrationModel.Path);
            services.AddLlamaLoopbackHostFiltering(["http://127.0.0.1:8080", "http://localhost:0", "http://[::1]:80"], ["proxy.internal"]).Should().BeTrue();
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Host = host;

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        response.StatusCode.Should().Be((HttpStatusCode)status);
    }

    [Theory]
    [InlineData("GET", "/health", "evil.example:8080")]
    [InlineData("POST", "/v1/chat/completions", "evil.example")]
    [InlineData("GET", "/nothing", "evil.example")]
    public async Task Send_OtherHost_IsAnErrorThatNamesItAndALogEntry(string method, string path, string host)
    {
        await using LocalServer server = await LocalServer.StartAsync(services =>
        {
            services.AddLlama(DemonstrationModel.Path);
            services.AddLlamaLoopbackHostFiltering(["http://127.0.0.1:8080"]);
            services.AddLlamaLoopbackHostFiltering(["http://127.0.0.1:8080"]);
        });
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Host = host;

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        Refusal refusal = await Refusal.ReadAsync(response);
        refusal.Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = (string?)null, Code = "invalid_value" });
        refusal.Message.Should().Contain($"'{host}'").And.Contain("localhost, 127.0.0.1 or [::1]");
        server.Log.Entries.Should().ContainSingle(entry => entry.Message.StartsWith($"The host '{host}' is refused", StringComparison.Ordinal)).Which.Level.Should().Be(LogLevel.Information);
    }

    [Fact]
    public async Task Send_LongHost_IsShortened()
    {
        await using LocalServer server = await LocalServer.StartAsync(services =>
        {
            services.AddLlama(DemonstrationModel.Path);
            services.AddLlamaLoopbackHostFiltering(["http://127.0.0.1:8080"]);
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Host = string.Join('.', Enumerable.Repeat(new string('a', 60), 4));

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        (await Refusal.ReadAsync(response)).Message.Should().Contain($"'{new string('a', 60)}.aaa…'");
        server.Log.Entries.Should().NotContain(entry => entry.Message.StartsWith("The host", StringComparison.Ordinal) && entry.Message.Length > 300);
    }

    [Fact]
    public async Task Send_ErrorOfTheApplication_IsLeftAlone()
    {
        await using LocalServer server = await LocalServer.StartAsync(
            services =>
            {
                services.AddLlama(DemonstrationModel.Path);
                services.AddLlamaLoopbackHostFiltering(["http://127.0.0.1:8080"]);
            },
            map: application => application.MapGet("/own", context =>
            {
                context.Response.StatusCode = 400;
                return Task.CompletedTask;
            }));

        using HttpResponseMessage response = await server.Client.GetAsync(new Uri("/own", UriKind.Relative));

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).Should().BeEmpty();
    }

    [Theory]
    [InlineData("http://*:8080")]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://192.0.2.1:8080")]
    [InlineData("http://example.com")]
    public async Task Get_ServerForOtherMachines_AnswersEveryHost(string url)
    {
        await using LocalServer server = await LocalServer.StartAsync(services =>
        {
            services.AddLlama(DemonstrationModel.Path);
            services.AddLlamaLoopbackHostFiltering(["http://127.0.0.1:8080", url]).Should().BeFalse();
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Host = "a.example";

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public void Add_NoAddress_Throws()
    {
        FluentActions.Invoking(() => new ServiceCollection().AddLlamaLoopbackHostFiltering([])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new ServiceCollection().AddLlamaLoopbackHostFiltering(["no address"])).Should().Throw<ArgumentException>();
    }
}
