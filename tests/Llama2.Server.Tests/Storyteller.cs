using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests;

/// <summary>A server with the demonstration model, started once for all tests of a class.</summary>
public sealed class Storyteller : IAsyncLifetime
{
    /// <summary>The name by which the server lists the model.</summary>
    public const string Name = "storyteller-1m-Q8_0";

    public const string Question = "What sound does a cow make?";

    /// <summary>What the model answers without randomness.</summary>
    public const string Answer = "The cow says moo. ";

    internal LocalServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await LocalServer.StartAsync(services => services.AddLlama(DemonstrationModel.Path));

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
