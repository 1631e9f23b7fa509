using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests.Security;

/// <summary>A server with two API keys, started once for all tests of a class.</summary>
public sealed class KeyServer : IAsyncLifetime
{
    public LlamaApiKey Alice { get; } = LlamaApiKey.Create("alice");

    public LlamaApiKey Bob { get; } = LlamaApiKey.Create("bob");

    internal LocalServer Server { get; private set; } = null!;

    /// <summary>Registers the demonstration model, and keys that requests need.</summary>
    public static void Register(IServiceCollection services, params IEnumerable<LlamaApiKey> keys)
    {
        services.AddLlama(DemonstrationModel.Path);
        services.AddLlamaApiKeys(new LlamaApiKeyOptions { EnvironmentVariable = null, Entries = [.. keys.Select(key => key.Entry)] });
    }

    public async Task InitializeAsync() => Server = await LocalServer.StartAsync(services => Register(services, Alice, Bob));

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
