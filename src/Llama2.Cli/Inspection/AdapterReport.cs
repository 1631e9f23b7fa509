using System.Globalization;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Inspection;

/// <summary>Writes which tensors an adapter changes, for people or as JSON.</summary>
internal static class AdapterReport
{
    private const int MaxNameLength = 60;
    // A SHA-256 digest in hexadecimal digits.
    private const int MaxFingerprintLength = 64;

    /// <summary>Whether a path is a PEFT folder, which contains an adapter and not a model.</summary>
    public static bool IsAdapterFolder(string path) => File.Exists(Path.Combine(path, "adapter_config.json")) && !File.Exists(Path.Combine(path, "config.json"));

    public static void Write(string path, bool asJson, ConsoleHost host)
    {
        var adapter = AdapterInformation.Read(path);
        if (asJson)
        {
            AdapterJson.Write(adapter, host.OutputStream);
            return;
        }

        host.Output.WriteLine($"format      {adapter.FormatName}, LoRA adapter");
        host.Output.WriteLine($"name        {(adapter.Name.Length > 0 ? PrintableText.Shorten(adapter.Name, MaxNameLength) : "-")}");
        host.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"parameters  {adapter.ParameterCount:N0} in changes of {adapter.Tensors.Count:N0} tensors"));
        if (adapter.HasMagnitudes)
        {
            host.Output.WriteLine("magnitudes  one for each row of the changed matrices (DoRA)");
        }

        if (adapter.TokenCount is { } count)
        {
            host.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"tokens      {count:N0}; a model with fewer tokens gets the others by merging"));
        }

        foreach (AdapterTrainingRecord record in adapter.TrainingRecords)
        {
            WriteTraining(record, host);
        }

        foreach (AdapterTensorInformation tensor in adapter.Tensors)
        {
            string change = tensor.RowCount is { } rows ? string.Create(CultureInfo.InvariantCulture, $"rows of tokens: {rows:N0}")
                : tensor.Rank == 0 ? "whole tensor"
                : string.Create(CultureInfo.InvariantCulture, $"rank {tensor.Rank,4}  scale {tensor.Scale}");
            host.Output.WriteLine($"{PrintableText.SingleLine(tensor.BaseName),-32} {change}");
        }
    }

    private static void WriteTraining(AdapterTrainingRecord record, ConsoleHost host)
    {
        host.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"trained     {record.StepCount:N0} {(record.StepCount == 1 ? "step" : "steps")} with {record.SampleCount:N0} samples, seed {record.Seed}, by Llama2.Training {PrintableText.Shorten(record.LibraryVersion, MaxNameLength)}"));
        host.Output.WriteLine($"  model     {(record.BaseName.Length > 0 ? PrintableText.Shorten(record.BaseName, MaxNameLength) : "-")}, fingerprint {PrintableText.Shorten(record.BaseFingerprint, MaxFingerprintLength)}, norms {PrintableText.Shorten(record.BaseNormFingerprint, MaxFingerprintLength)}");
        host.Output.WriteLine($"  data      {PrintableText.Shorten(record.DataFingerprint, MaxFingerprintLength)}");
        host.Output.WriteLine($"  settings  {PrintableText.SingleLine(record.Settings)}");
    }
}
