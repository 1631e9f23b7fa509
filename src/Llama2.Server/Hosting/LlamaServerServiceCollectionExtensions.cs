using Llama2.Server;
using Llama2.Server.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds protection to a server with <c>MapLlama</c>. See docs/server.md.</summary>
public static class LlamaServerServiceCollectionExtensions
{
    /// <summary>
    /// Adds API keys: the endpoints of <c>MapLlama</c> then answer only requests with a key, except health checks and the page. A key is sent in the header
    /// <c>Authorization: Bearer</c> or <c>x-api-key</c>. The call adds an authentication scheme, <see cref="LlamaApiKeyDefaults.AuthenticationScheme"/>, which
    /// the application's own endpoints may use too. The user of a request has the key's name as its name identifier, so each name has a prefix scope and rate
    /// limits of its own.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">
    /// Where the keys come from; null for the environment variable <c>LLAMA2_API_KEYS</c>. The keys are read when <c>MapLlama</c> is called.
    /// </param>
    /// <returns>The builder of the application's authentication.</returns>
    /// <remarks><c>MapLlama</c> throws a <see cref="LlamaApiKeyException"/> if a source of keys cannot be read or if there are no keys.</remarks>
    public static AuthenticationBuilder AddLlamaApiKeys(this IServiceCollection services, LlamaApiKeyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        LlamaApiKeyOptions source = options ?? new LlamaApiKeyOptions();
        services.TryAddSingleton(provider => new ApiKeyStore(
            source,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetService<ILoggerFactory>()?.CreateLogger("Llama2.Server") ?? NullLogger.Instance));
        // AddAuthentication would also add data protection, which cookies need and keys do not: it writes a file of its own secrets at the start.
        services.AddAuthenticationCore();
        services.AddWebEncoders();
        services.TryAddSingleton(TimeProvider.System);
        return new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(LlamaApiKeyDefaults.AuthenticationScheme, null);
    }

    /// <summary>Sets limits of the web server Kestrel against slow and idle clients, for the whole application.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="limits">The limits; null for the defaults.</param>
    public static IServiceCollection AddLlamaConnectionLimits(this IServiceCollection services, LlamaConnectionLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        LlamaConnectionLimits chosen = limits ?? new LlamaConnectionLimits();
        return services.Configure<KestrelServerOptions>(kestrel =>
        {
            var rate = new MinDataRate(chosen.MinByteRate, TimeSpan.FromSeconds(5));
            kestrel.Limits.MaxConcurrentConnections = chosen.MaxConnectionCount;
            kestrel.Limits.RequestHeadersTimeout = chosen.HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = chosen.IdleTimeout;
            kestrel.Limits.MinRequestBodyDataRate = rate;
            kestrel.Limits.MinResponseDataRate = rate;
        });
    }

    /// <summary>
    /// Protects a server that listens only on loopback addresses against web pages whose name is made to resolve to this machine (DNS rebinding): requests
    /// whose header <c>Host</c> is not <c>localhost</c>, <c>127.0.0.1</c>, <c>[::1]</c> or a further name are answered with 400 and logged. If one of the addresses is not
    /// a loopback address, nothing is changed, because other machines may know the server by any name. Applications of <c>WebApplication</c> need nothing else;
    /// others call <c>UseHostFiltering()</c>.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="urls">The addresses on which the server listens, such as <c>http://127.0.0.1:8080</c>.</param>
    /// <param name="furtherHosts">Further names, such as that of a proxy on this machine; null for none.</param>
    /// <returns>Whether all addresses are loopback addresses, so that the hosts are now limited.</returns>
    /// <exception cref="ArgumentException">There are no addresses, or one of them is not an address.</exception>
    public static bool AddLlamaLoopbackHostFiltering(this IServiceCollection services, IEnumerable<string> urls, IEnumerable<string>? furtherHosts = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(urls);
        string[] addresses = [.. urls];
        if (addresses.Length == 0)
            throw new ArgumentException("There are no addresses; state those on which the server listens.", nameof(urls));
        if (!Array.TrueForAll(addresses, LoopbackHost.IsHostOf))
            return false;
        services.AddHostFiltering(filtering =>
        {
            filtering.AllowedHosts = [.. LoopbackHost.Names, .. furtherHosts ?? []];
            filtering.AllowEmptyHosts = false;
            filtering.IncludeFailureMessage = false;
        });
        // WebApplication has already added the filtering; only what comes before it sees the answers to refused requests.
        if (!services.Any(service => service.ImplementationType == typeof(HostRefusal)))
            services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, HostRefusal>());
        return true;
    }
}
