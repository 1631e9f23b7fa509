using System.Runtime.InteropServices;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;
using Llama2.Tests.Formats;
using Llama2.Tests.Formats.Gguf;

namespace Llama2.Tests.Adapters;

/// <summary>An adapter of random numbers for tensors of a model. Also computes the model with the adapter merged in, in double precision.</summary>
internal sealed class RandomAdapter
{
    private readonly Dictionary<string, (float[] A, float[] B, long RowLength, long RowCount)> _pairs = [];

    /// <param name="model">The model.</param>
    /// <param name="names">The tensors to change.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="seed">Determines the numbers.</param>
    public RandomAdapter(GgufFile model, IEnumerable<string> names, int rank, int seed)
    {
        Rank = rank;
        var random = new Random(seed);
        foreach (string name in names)
        {
            model.TryGetTensor(name, out TensorDescription? tensor).Should().BeTrue(name);
            // The numbers have the magnitude of usual weights, so that the adapter's change is noticeable and the model's own weights still matter.
            _pairs.Add(name, (Numbers(rank * tensor!.RowLength, 0.1f), Numbers(tensor.RowCount * rank, 0.1f), tensor.RowLength, tensor.RowCount));
        }

        float[] Numbers(long count, float limit) => [.. Enumerable.Range(0, (int)count).Select(_ => (float)(Half)((random.NextSingle() * 2 - 1) * limit))];
    }

    public int Rank { get; }

    public float Alpha { get; init; } = 8;

    /// <summary>The type in which the numbers are stored. All of them are representable as halves, so no type rounds them.</summary>
    public GgmlType Type { get; init; } = GgmlType.F32;

    /// <summary>The names of all matrices of the layers and of the output matrix.</summary>
    public static IEnumerable<string> Matrices(GgufFile model)
        => model.Tensors.Select(tensor => tensor.Name).Where(name => !name.Contains("norm", StringComparison.Ordinal) && name != "token_embd.weight");

    public GgufBuilder Describe()
    {
        GgufBuilder builder = new GgufBuilder()
            .Add("general.type", "adapter")
            .Add("general.architecture", "llama")
            .Add("general.name", "random")
            .Add("adapter.type", "lora")
            .Add("adapter.lora.alpha", Alpha);
        foreach ((string name, (float[] a, float[] b, long rowLength, long rowCount)) in _pairs)
        {
            if (name == "token_embd.weight")
            {
                // A is [vocabulary, rank] and B is [embedding, rank], so the table's change is A·Bᵀ. For other tensors, A is [rank, columns] and B is
                // [rows, rank], and the change is B·A.
                builder.AddTensor(name + ".lora_a", Type, [(ulong)Rank, (ulong)rowCount], Bytes(b));
                builder.AddTensor(name + ".lora_b", Type, [(ulong)Rank, (ulong)rowLength], Bytes(Transpose(a, rowLength)));
            }
            else
            {
                builder.AddTensor(name + ".lora_a", Type, [(ulong)rowLength, (ulong)Rank], Bytes(a));
                builder.AddTensor(name + ".lora_b", Type, [(ulong)Rank, (ulong)rowCount], Bytes(b));
            }
        }

        return builder;
    }

    public string Write(TemporaryFolder folder)
    {
        string path = folder.File($"{Guid.NewGuid():N}.gguf");
        File.WriteAllBytes(path, Describe().Build());
        return path;
    }

    /// <summary>An F32 model with the adapters merged into its weights, and with a separate output matrix.</summary>
    public static GgufFile Merge(GgufFile model, params (RandomAdapter Adapter, float Scale)[] adapters)
    {
        var builder = new GgufBuilder();
        foreach ((string key, object value) in model.Metadata)
        {
            builder.Add(key, value);
        }

        foreach (TensorDescription tensor in model.Tensors)
        {
            byte[] bytes = new byte[tensor.ByteSize];
            model.Read(tensor, 0, bytes);
            float[] weights = new float[tensor.RowLength * tensor.RowCount];
            WeightFormats.Dequantize(tensor.Type, bytes, weights);
            if (tensor.Name == "token_embd.weight" && !model.TryGetTensor("output.weight", out _))
            {
                Add("output.weight", tensor, weights);
            }

            double[] merged = Array.ConvertAll(weights, weight => (double)weight);
            foreach ((RandomAdapter adapter, float scale) in adapters)
            {
                adapter.AddTo(merged, tensor.Name, scale);
            }

            Add(tensor.Name, tensor, Array.ConvertAll(merged, weight => (float)weight));
        }

        return GgufFile.Open(new MemoryByteSource(builder.Build()));

        void Add(string name, TensorDescription tensor, float[] weights) => builder.AddTensor(
            name, GgmlType.F32, [.. tensor.Dimensions.Select(dimension => (ulong)dimension)], MemoryMarshal.AsBytes(weights.AsSpan()).ToArray());
    }

    private static float[] Transpose(float[] rows, long rowLength)
        => [.. Enumerable.Range(0, (int)rowLength).SelectMany(column => rows.Where((_, i) => i % rowLength == column))];

    private void AddTo(double[] weights, string name, float scale)
    {
        if (!_pairs.TryGetValue(name, out (float[] A, float[] B, long RowLength, long RowCount) pair))
        {
            return;
        }

        double factor = scale * (Alpha == 0 ? 1.0 : Alpha / (double)Rank);
        for (int row = 0; row < pair.RowCount; row++)
        {
            for (int column = 0; column < pair.RowLength; column++)
            {
                for (int i = 0; i < Rank; i++)
                {
                    weights[row * pair.RowLength + column] += factor * pair.B[row * Rank + i] * pair.A[i * pair.RowLength + column];
                }
            }
        }
    }

    private byte[] Bytes(float[] numbers) => Type switch
    {
        GgmlType.F32 => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray(),
        GgmlType.F16 => MemoryMarshal.AsBytes(Array.ConvertAll(numbers, number => (Half)number).AsSpan()).ToArray(),
        _ => throw new InvalidOperationException(),
    };
}
