using System.Runtime.InteropServices;
using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Training.Tests;

/// <summary>The results of variants of LoRA for the model of <see cref="Golden"/>, which tests/Reference/adapter_methods.py computed with PyTorch.</summary>
internal sealed class GoldenMethods
{
    private static readonly byte[] s_bytes = File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", "adapter-methods.bin"));
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    public static GoldenMethods Instance { get; } = new();

    public Document Values { get; } = JsonSerializer.Deserialize<Document>(
        File.ReadAllText(RepositoryFiles.Committed("tests", "data", "adapter-methods.json")), s_json)!;

    /// <summary>The rows of a tensor of a method.</summary>
    public double[][] this[string method, string name]
    {
        get
        {
            Golden.TensorEntry entry = Values.Tensors[$"{method}/{name}"];
            int columnCount = entry.Shape[^1], count = entry.Shape.Aggregate(1, (product, length) => product * length);
            return [.. MemoryMarshal.Cast<byte, float>(s_bytes.AsSpan(entry.Offset, count * sizeof(float))).ToArray()
                .Chunk(columnCount).Select(row => Array.ConvertAll(row, value => (double)value))];
        }
    }

    internal sealed record Document(
        Dictionary<string, Steps> Methods, double LoraPlusRatio, double NeftuneAlpha, ulong NoiseSeedStride, Dictionary<string, Golden.TensorEntry> Tensors);

    internal sealed record Steps(double[] Losses, double[] Norms);
}
