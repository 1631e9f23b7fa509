using System.Runtime.InteropServices;
using Llama2.Formats.Gguf;
using Llama2.Quantization;
using Llama2.Training.Model;

namespace Llama2.Training.Checkpoints;

/// <summary>Writes parameters as float32 tensors of a GGUF file.</summary>
internal static class GgufParameters
{
    /// <summary>Writes all parameters, and completes the file.</summary>
    public static void Write(GgufWriter writer, IReadOnlyList<Parameter> parameters)
    {
        foreach (Parameter parameter in parameters)
        {
            long[] dimensions = parameter.Values.RowCount == 1 && !parameter.Name.Contains(".lora_", StringComparison.Ordinal)
                ? [parameter.Values.ColumnCount]
                : [parameter.Values.ColumnCount, parameter.Values.RowCount];
            writer.AddTensor(parameter.Name, GgmlType.F32, dimensions);
        }

        foreach (Parameter parameter in parameters)
        {
            for (int row = 0; row < parameter.Values.RowCount; row++)
            {
                writer.Write(MemoryMarshal.AsBytes(parameter.Values[row]));
            }

            writer.EndTensor();
        }

        writer.Complete();
    }
}
