using System.Net;
using System.Text;
using Llama2.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Tests.Security;

/// <summary>The set-up behind a proxy that docs/server.md shows.</summary>
public sealed class ForwardedClientsTests
{
    [Fact]
    public async Task RequestsPerMinute_BehindAProxy_CountForEachForwardedAddress()
    {
        await using WebApplication app = Build(IPAddress.Loopback);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        (await AskAsync(client, "192.0.2.1")).Should().Be(HttpStatusCode.OK);
        (await AskAsync(client, "192.0.2.2")).Should().Be(HttpStatusCode.OK);
        (await AskAsync(client, "192.0.2.1")).Should().Be(HttpStatusCode.TooManyRequests);
    }

    private static WebApplication Build(IPAddress proxy)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddLlama(DemonstrationModel.Path);
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownProxies.Add(proxy);
        });
        WebApplication app = builder.Build();
        app.UseForwardedHeaders();
        app.MapLlama(new LlamaServerOptions { RequestsPerMinute = 1 });
        return app;
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent("""{"prompt": "Once", "max_tokens": 1}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Forwarded-For", address);
        using HttpResponseMessage response = await client.SendAsync(request);
        return response.StatusCode;
    }
}
