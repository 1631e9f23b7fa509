using System.Net;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

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
