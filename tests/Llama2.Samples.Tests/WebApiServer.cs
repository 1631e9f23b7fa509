using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Samples.Tests;

/// <summary>The sample WebApi in this process, on a free port of the loopback address.</summary>
internal sealed class WebApiServer : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string> _settings;
    private readonly Action<IServiceCollection> _configure;

    /// <param name="settings">Settings that override those of appsettings.json.</param>
    /// <param name="configure">Registers services that replace the sample's.</param>
    public WebApiServer(Dictionary<string, string>? settings = null, Action<IServiceCollection>? configure = null)
    {
        _settings = settings ?? [];
        _configure = configure ?? (_ => { });
        // No port is set here: the factory sets one, possibly after the program has started the server, which then refuses the change.
        UseKestrel();
        StartServer();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting(WebHostDefaults.ServerUrlsKey, "http://127.0.0.1:0");
        foreach ((string key, string value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureServices(_configure);
    }
}
