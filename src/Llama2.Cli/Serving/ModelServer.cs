using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using static System.FormattableString;

namespace Llama2.Cli.Serving;

/// <summary>Runs a server from its start until it receives the signal to stop.</summary>
/// <param name="settings">What the options say.</param>
/// <param name="host">The streams of the command.</param>
internal sealed class ModelServer(ServerSettings settings, ConsoleHost host)
{
    private readonly string? _systemd = Environment.GetEnvironmentVariable(SystemdNotification.SocketVariable);

    /// <summary>Listens, loads models, and answers requests until the token is cancelled.</summary>
    /// <exception cref="CommandException">
    /// The server cannot listen on the address, an option of a model is not valid, or a model that is loaded at the start needs more memory than all models may
    /// take.
    /// </exception>
    /// <exception cref="LlamaApiKeyException">The API keys cannot be read, or there are none although the options ask for keys.</exception>
    /// <exception cref="LlamaException">A model that is loaded at the start cannot be loaded.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Otherwise the server would begin to listen, and only then end with an error.
        StartCheck.Run(settings);
        // Until then, a stop is clean; the process does not end before.
        host.StopTimeout = ServerApplication.StopTimeout(settings) + TimeSpan.FromSeconds(5);
        var server = new ServerApplication(settings, host);
        WebApplication application = Build(server);
        await using ConfiguredAsyncDisposable disposal = application.ConfigureAwait(false);
        try
        {
            await StartAsync(application, cancellationToken).ConfigureAwait(false);
            Announce(new Uri(application.Urls.Single()));
            await ServeAsync(server, application, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // After a failure, models may still be loading; this ends that.
            application.Lifetime.StopApplication();
        }
    }

    private async Task ServeAsync(ServerApplication server, WebApplication application, CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(application, server.Progress, cancellationToken).ConfigureAwait(false);
            server.Log.ReportFailedLoads();
            SystemdNotification.Send(_systemd, SystemdNotification.Ready);
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await StopAsync(application, server.Running).ConfigureAwait(false);
        }
    }

    private static WebApplication Build(ServerApplication server)
    {
        try
        {
            return server.Build();
        }
        catch (OptionsValidationException exception)
        {
            throw new CommandException(string.Join(" ", exception.Failures), exception);
        }
    }

    private async Task StartAsync(WebApplication application, CancellationToken cancellationToken)
    {
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new CommandException(
                Invariant($"Port {settings.Port} of {settings.Address} is in use by another program; choose another port with --port, or a free one with --port 0."),
                exception);
        }
        catch (SocketException exception)
        {
            throw new CommandException(Invariant($"The server cannot listen on {settings.Address}, port {settings.Port}: {exception.Message}."), exception);
        }
    }

    // The address alone is on standard output, for programs that start the server with a free port.
    private void Announce(Uri listening)
    {
        // No program can connect to 0.0.0.0 or ::, which stand for all addresses of this machine.
        bool isUnspecified = settings.Address.Equals(IPAddress.Any) || settings.Address.Equals(IPAddress.IPv6Any);
        string loopback = settings.Address.AddressFamily == AddressFamily.InterNetworkV6 ? "[::1]" : "127.0.0.1";
        string url = isUnspecified ? Invariant($"http://{loopback}:{listening.Port}") : listening.OriginalString;
        host.Output.WriteLine(url);
        if (settings.IsQuiet)
            return;
        Tell($"serving {NamesFrom(0)} at {url}");
        Tell($"clients of OpenAI's protocol need the address {url}/v1, clients of Anthropic's the address {url}");
        Tell($"the chat page is {url}/");
        if (isUnspecified)
            Tell(Invariant($"other machines reach the server at http://ADDRESS:{listening.Port}, where ADDRESS is this machine's name or IP address"));
        Tell(Access());
        if (settings.LoadedCount == 0)
            Tell("each model is loaded by the first request for it; Ctrl+C stops the server");
    }

    private string Access() => (settings.IsPublic, settings.HasKeys) switch
    {
        (true, true) => "other machines can reach the server, and requests need an API key; HTTP does not encrypt keys and texts",
        (true, false) => "warning: everyone who can reach this machine's address may use the models, because the server has no keys; create one with 'llama2 key NAME --keys FILE', and serve with --keys FILE",
        (false, true) => "only programs on this machine can reach the server, and requests need an API key",
        (false, false) => "only programs on this machine can reach the server; --host 0.0.0.0 opens it to other machines",
    };

    // The hosted services that load the models end when the models are loaded and warmed up, or with the exception of a failure.
    private async Task LoadAsync(WebApplication application, LoadProgress progress, CancellationToken cancellationToken)
    {
        if (settings.LoadedCount == 0)
            return;
        long start = TimeProvider.System.GetTimestamp();
        Task loading = Task.WhenAll(application.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(service => service.ExecuteTask ?? Task.CompletedTask));
        string subject = settings.LoadedCount == 1 ? PrintableText.Shorten(settings.Models[0].Model.Name, 60) : Invariant($"{settings.LoadedCount} models");
        await ProgressBar.RunAsync(host, settings.IsQuiet, $"Loading {subject}", async bar =>
        {
            progress.ShowOn(bar);
            await loading.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        progress.ShowOn(null);
        if (!settings.IsQuiet)
            Tell(Invariant($"ready after {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.00} s{LaterModels()}; Ctrl+C stops the server"));
    }

    private string LaterModels() => (settings.Models.Count - settings.LoadedCount) switch
    {
        0 => "",
        1 => $"; {NamesFrom(settings.LoadedCount)} is loaded by the first request for it",
        _ => $"; {NamesFrom(settings.LoadedCount)} are loaded by the first requests for them",
    };

    private string NamesFrom(int index) => string.Join(", ", settings.Models.Skip(index).Select(model => PrintableText.SingleLine(model.Model.Name)));

    private async Task StopAsync(WebApplication application, RunningRequests running)
    {
        SystemdNotification.Send(_systemd, SystemdNotification.Stopping);
        int count = running.Count;
        if (!settings.IsQuiet && count > 0)
        {
            Tell(Invariant(
                $"stopping: {count} running {(count == 1 ? "request" : "requests")} may continue for {settings.Endpoints.ShutdownGrace.TotalSeconds:0.###} s; Ctrl+C again ends the server at once"));
        }

        try
        {
            await application.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The host's time is over; requests that still run are ended with their connections.
        }

        if (!settings.IsQuiet)
            Tell("stopped");
    }

    private void Tell(string notice)
    {
        lock (host)
        {
            host.Error.WriteLine($"llama2: {notice}");
        }
    }
}
