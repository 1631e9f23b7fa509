using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Monitoring;

/// <summary>
/// Instruments that describe the process and the resources that it uses. Their names in Prometheus are those that Prometheus' own client libraries use.
/// </summary>
internal static class ServerInstruments
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Llama2.Server";

    /// <summary>Creates the instruments with the application's meter factory; without one, with a meter of their own.</summary>
    public static Meter Create(IServiceProvider services)
    {
        Meter meter = services.GetService<IMeterFactory>()?.Create(MeterName) ?? new Meter(MeterName);
        meter.CreateObservableCounter("process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time that the process has used.");
        meter.CreateObservableGauge("process.resident_memory", () => Environment.WorkingSet, "By", "Physical memory of the process.");
        meter.CreateObservableGauge("process.start_time", ReadStartTime, "s", "When the process started, since the beginning of 1970.");
        meter.CreateObservableGauge("llama2.build_info", Describe, null, "Always 1; the labels describe the library, the runtime and the processor's kernels.");
        return meter;
    }

    private static double ReadStartTime()
    {
        using var process = Process.GetCurrentProcess();
        return (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }

    private static Measurement<int> Describe()
    {
        // What follows the plus sign is the commit.
        string version = typeof(ServerInstruments).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
        return new Measurement<int>(
            1,
            new("version", version),
            new("runtime", RuntimeInformation.FrameworkDescription),
            new("architecture", RuntimeInformation.ProcessArchitecture.ToString()),
            new("kernel_tier", LlamaHardware.KernelTier.ToString()));
    }
}
