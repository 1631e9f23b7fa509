using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Llama2.Samples.Tests;
using Llama2.Server.Endpoints;
using Llama2.Server.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Tests;

/// <summary>A web application with the endpoints, on a free port of the loopback address.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private LocalServer(WebApplication application, RecordingLoggerProvider log)
    {
        _application = application;
        Log = log;
        Client = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public RecordingLoggerProvider Log { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="configure">Registers the models.</param>
    /// <param name="options">The options of the endpoints.</param>
    /// <param name="map">Adds endpoints of the application itself.</param>
    /// <param name="catalog">Other models than those that are registered.</param>
    public static async Task<LocalServer> StartAsync(
        Action<IServiceCollection> configure, LlamaServerOptions? options = null, Action<WebApplication>? map = null, IModelCatalog? catalog = null)
    {
        var log = new RecordingLoggerProvider();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        configure(builder.Services);
        WebApplication application = builder.Build();
        map?.Invoke(application);
        if (catalog is null)
            application.MapLlama(options);
        else
            LlamaEndpointRouteBuilderExtensions.Map(application, new EndpointServices(catalog, options ?? new(), application.Services));
        await application.StartAsync();
        return new LocalServer(application, log);
    }

    /// <summary>Starts a server whose only model is the given one.</summary>
    public static Task<LocalServer> StartAsync(ILlamaModel model, LlamaServerOptions? options = null) => StartAsync(
        services =>
        {
            services.AddSingleton(model);
            services.AddLlama("script.gguf");
        },
        options);

    /// <summary>All endpoints.</summary>
    public IEnumerable<Endpoint> Endpoints => ((IEndpointRouteBuilder)_application).DataSources.SelectMany(source => source.Endpoints);

    public Task StopAsync() => _application.StopAsync();

    /// <summary>Tells the application that it is about to stop; it does not stop yet.</summary>
    public void Stopping() => _application.Lifetime.StopApplication();

    public Task<HttpResponseMessage> PostAsync(string path, string json, CancellationToken cancellationToken = default) =>
        PostAsync(path, Encoding.UTF8.GetBytes(json), cancellationToken);

    public async Task<HttpResponseMessage> PostAsync(string path, byte[] body, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>The JSON of a successful answer.</summary>
    public async Task<JsonElement> AskAsync(string path, string json)
    {
        using HttpResponseMessage response = await PostAsync(path, json);
        string body = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, body);
        response.Content.Headers.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        return JsonElement.Parse(body);
    }

    /// <summary>The data of the events of a streamed answer.</summary>
    public async Task<string[]> StreamAsync(string path, string json)
    {
        using HttpResponseMessage response = await PostAsync(path, json);
        string body = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, body);
        response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream; charset=utf-8");
        body.Should().EndWith("\n\n");
        string[] events = body[..^2].Split("\n\n");
        events.Should().OnlyContain(item => item.StartsWith("data: ", StringComparison.Ordinal) && !item.Contains('\n', StringComparison.Ordinal));
        return [.. events.Select(item => item["data: ".Length..])];
    }

    /// <summary>The names and the data of the events of a streamed answer whose events have names.</summary>
    public async Task<(string Name, JsonElement Data)[]> StreamNamedAsync(string path, string json)
    {
        using HttpResponseMessage response = await PostAsync(path, json);
        string body = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, body);
        response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream; charset=utf-8");
        return ReadNamed(body);
    }

    /// <summary>Reads events, each of which has a name and one line of data.</summary>
    public static (string Name, JsonElement Data)[] ReadNamed(string body)
    {
        body.Should().EndWith("\n\n");
        string[][] events = [.. body[..^2].Split("\n\n").Select(item => item.Split('\n'))];
        events.Should().OnlyContain(lines => lines.Length == 2 && lines[0].StartsWith("event: ", StringComparison.Ordinal) && lines[1].StartsWith("data: ", StringComparison.Ordinal));
        return [.. events.Select(lines => (lines[0]["event: ".Length..], JsonElement.Parse(lines[1]["data: ".Length..])))];
    }

    /// <summary>The JSON of a successful answer to a request without a body.</summary>
    public async Task<JsonElement> GetAsync(string path, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        using HttpResponseMessage response = await Client.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, body);
        return JsonElement.Parse(body);
    }

    /// <summary>The error of a request without a body.</summary>
    public async Task<Refusal> RefuseAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using HttpResponseMessage response = await Client.SendAsync(request);
        return await Refusal.ReadAsync(response);
    }

    /// <summary>The status, the type, the field and the code of an error.</summary>
    public async Task<Refusal> RefuseAsync(string path, string json)
    {
        using HttpResponseMessage response = await PostAsync(path, json);
        return await Refusal.ReadAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
    }
}
