using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests;

/// <summary>
/// A server with the demonstration model, which chooses tokens without randomness unless a request says otherwise. For clients that have no option for it.
/// </summary>
public sealed class GreedyStoryteller : IAsyncLifetime
{
    internal LocalServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await LocalServer.StartAsync(
        services => services.AddLlama(DemonstrationModel.Path), new LlamaServerOptions { Generation = new GenerationOptions { Temperature = 0 } });

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
