using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Browser.Tests.Browsing;

/// <summary>A web application with the endpoints and the page, on a free port of the loopback address.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private PageServer(WebApplication application, string prefix)
    {
        _application = application;
        Address = new Uri(application.Urls.Single() + prefix + "/");
    }

    /// <summary>The address of the page.</summary>
    public Uri Address { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="model">Its only model.</param>
    /// <param name="options">The options of the endpoints.</param>
    /// <param name="prefix">What comes before all addresses, such as <c>/llama</c>.</param>
    /// <param name="configure">Adds what comes before the endpoints.</param>
    public static Task<PageServer> StartAsync(ILlamaModel model, LlamaServerOptions? options = null, string prefix = "", Action<WebApplication>? configure = null) =>
        StartAsync(
            services =>
            {
                services.AddSingleton(model);
                services.AddLlama("script.gguf");
            },
            options, prefix, configure);

    /// <summary>Starts a server with the models that are registered.</summary>
    public static async Task<PageServer> StartAsync(
        Action<IServiceCollection> register, LlamaServerOptions? options = null, string prefix = "", Action<WebApplication>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        register(builder.Services);
        WebApplication application = builder.Build();
        configure?.Invoke(application);
        application.MapGroup(prefix).MapLlama(options);
        await application.StartAsync();
        return new PageServer(application, prefix);
    }

    public Task StopAsync() => _application.StopAsync();

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
