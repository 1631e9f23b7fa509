using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Inspection;

/// <summary>Writes which runtime this is and which features of the processor the library uses, for people or as JSON.</summary>
internal static class HardwareReport
{
    public static void Write(bool asJson, ConsoleHost host)
    {
        if (asJson)
        {
            using (var json = new Utf8JsonWriter(host.OutputStream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
            {
                json.WriteStartObject();
                json.WriteString("runtime", RuntimeInformation.FrameworkDescription);
                json.WriteString("kernelTier", LlamaHardware.KernelTier.ToString());
                json.WriteStartArray("supportedKernelTiers");
                foreach (KernelTier tier in LlamaHardware.SupportedKernelTiers)
                    json.WriteStringValue(tier.ToString());
                json.WriteEndArray();
                json.WriteNumber("vectorByteSize", LlamaHardware.VectorByteSize);
                json.WriteNumber("processorCount", LlamaHardware.ProcessorCount);
                json.WriteNumber("physicalCoreCount", LlamaHardware.PhysicalCoreCount);
                json.WriteEndObject();
            }

            host.OutputStream.WriteByte((byte)'\n');
            host.OutputStream.Flush();
            return;
        }

        host.Output.WriteLine($"Runtime       {RuntimeInformation.FrameworkDescription}");
        host.Output.WriteLine($"Kernel tier   {LlamaHardware.KernelTier}");
        host.Output.WriteLine($"Supported     {string.Join(", ", LlamaHardware.SupportedKernelTiers)}");
        host.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Vectors       {8 * LlamaHardware.VectorByteSize} bits"));
        host.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Processors    {LlamaHardware.ProcessorCount}"));
        host.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Cores         {LlamaHardware.PhysicalCoreCount}"));
    }
}
