using System.Runtime.InteropServices;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;
using Llama2.Tests.Formats;
using Llama2.Tests.Formats.Gguf;

namespace Llama2.Tests;

/// <summary>The demonstration model with every weight converted to float32, so that no computation rounds to fewer bits.</summary>
internal static class FloatModel
{
    /// <summary>The file's bytes, with the weights of the final norm multiplied by a factor, and with metadata replaced or added.</summary>
    public static GgufFile Open(float outputNormFactor = 1, params (string Key, object Value)[] metadata)
    {
        using var source = GgufFile.Open(DemonstrationModel.Path);
        var builder = new GgufBuilder();
        var values = new Dictionary<string, object>(source.Metadata);
        foreach ((string key, object value) in metadata)
        {
            values[key] = value;
        }

        foreach ((string key, object value) in values)
        {
            builder.Add(key, value);
        }

        foreach (TensorDescription tensor in source.Tensors)
        {
            byte[] bytes = new byte[tensor.ByteSize];
            source.Read(tensor, 0, bytes);
            float[] weights = new float[tensor.RowLength * tensor.RowCount];
            WeightFormats.Dequantize(tensor.Type, bytes, weights);
            float factor = tensor.Name == "output_norm.weight" ? outputNormFactor : 1;
            builder.AddTensor(
                tensor.Name, GgmlType.F32, [.. tensor.Dimensions.Select(dimension => (ulong)dimension)],
                MemoryMarshal.AsBytes(Array.ConvertAll(weights, weight => weight * factor).AsSpan()).ToArray());
        }

        return GgufFile.Open(new MemoryByteSource(builder.Build()));
    }

    public static LlamaModel Load(float outputNormFactor = 1, params (string Key, object Value)[] metadata)
    {
        using GgufFile file = Open(outputNormFactor, metadata);
        return LlamaModel.Load(file, new LlamaModelOptions(), progress: null, CancellationToken.None);
    }
}
