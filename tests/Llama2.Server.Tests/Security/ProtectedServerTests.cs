using System.Net;
using System.Net.Http.Headers;
using Llama2.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Tests.Security;

/// <summary>The set-up that docs/server.md shows.</summary>
public sealed class ProtectedServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task MapLlama_WithKeysAndLimits_IsProtected()
    {
        string keyFile = _folder.File("keys.txt");
        string key = AddKey(keyFile, "alice");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddLlama(DemonstrationModel.Path);
        builder.Services.AddLlamaApiKeys(new LlamaApiKeyOptions { Path = keyFile });
        builder.Services.AddLlamaConnectionLimits();
        await using WebApplication app = builder.Build();
        app.MapLlama(new LlamaServerOptions
        {
            RequestsPerMinute = 60,
            TokensPerMinute = 20_000,
            MaxContextTokenCount = 2048,
            RequestTimeout = TimeSpan.FromMinutes(10),
        });
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        (await client.GetAsync(new Uri("/v1/models", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        (await client.GetAsync(new Uri("/v1/models", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static string AddKey(string keyFile, string name)
    {
        LlamaApiKey key = LlamaApiKey.Create(name);
        File.AppendAllText(keyFile, $"{key.Entry}\n");
        Console.WriteLine($"The key of {key.Name}, which is not stored: {key.Text}");
        return key.Text;
    }
}
