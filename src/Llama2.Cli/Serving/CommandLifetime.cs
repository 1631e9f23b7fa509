using Microsoft.Extensions.Hosting;

namespace Llama2.Cli.Serving;

/// <summary>Leaves Ctrl+C and SIGTERM to the command, which handles them for all its subcommands; by default the host would handle them too.</summary>
internal sealed class CommandLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
