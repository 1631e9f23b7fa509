namespace Llama2.Extensions;

/// <summary>The names under which models report telemetry; docs/hosting.md lists the instruments.</summary>
public static class LlamaTelemetry
{
    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>, of the <see cref="System.Diagnostics.ActivitySource"/> and of the log's category.</summary>
    public const string Name = "Llama2";

    /// <summary>The provider's name in the metadata of chat clients and embedding generators.</summary>
    internal const string ProviderName = "llama2";

    /// <summary>
    /// The provider's address: the model runs in this process, so the host is this machine and the port is 0. Telemetry that follows OpenTelemetry's
    /// conventions for generative AI takes <c>server.address</c> and <c>server.port</c> from this address.
    /// </summary>
    internal static Uri ProviderUri { get; } = new("inproc://127.0.0.1:0");
}
