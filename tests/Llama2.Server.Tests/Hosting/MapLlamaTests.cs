using System.Net;
using Llama2.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Tests.Hosting;

public class MapLlamaTests
{
    [Fact]
    public async Task MapLlama_OfAGroup_HasItsPrefixAndConventions()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddLlama(DemonstrationModel.Path);
        HashSet<string?> routes = [];
        await using WebApplication application = builder.Build();
        application.MapGroup("/llama").MapLlama().Add(endpoint => routes.Add(((RouteEndpointBuilder)endpoint).RoutePattern.RawText));
        await application.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };

        (await client.GetStringAsync(new Uri("/llama/v1/models", UriKind.Relative))).Should().Contain(Storyteller.Name);

        (await client.GetStringAsync(new Uri("/llama/openapi.json", UriKind.Relative))).Should().Contain("\"/v1/chat/completions\"").And.NotContain("\"/llama/");
        (await client.GetAsync(new Uri("/v1/models", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.NotFound);
        routes.Should().HaveCount(31).And.OnlyContain(route => route!.StartsWith("/llama/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("POST", "/embeddings", "the application's")]
    [InlineData("POST", "/completions", "the application's")]
    [InlineData("GET", "/responses", "the fallback")]
    public async Task MapLlama_AddressesWithoutVersion_LeaveThoseOfTheApplication(string method, string path, string expected)
    {
        await using LocalServer server = await LocalServer.StartAsync(
            services => services.AddLlama(DemonstrationModel.Path),
            map: application =>
            {
                application.MapPost("/embeddings", () => "the application's");
                application.MapPost("/{name}", () => "the application's").WithOrder(5);
                application.MapFallback(() => "the fallback");
            });
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        (await response.Content.ReadAsStringAsync()).Should().Be(expected);
    }
}
