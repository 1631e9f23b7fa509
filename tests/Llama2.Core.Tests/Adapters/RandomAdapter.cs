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
    private readonly Dictionary<string, float[]> _magnitudes = [];

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

    /// <summary>Adds magnitudes (DoRA) for all matrices: the norms of the model's rows, and up to this part more or less.</summary>
    public RandomAdapter WithMagnitudes(GgufFile model, float spread)
    {
        var random = new Random(7);
        foreach (string name in _pairs.Keys.Where(name => name != "token_embd.weight"))
        {
            model.TryGetTensor(name, out TensorDescription? tensor).Should().BeTrue(name);
            _magnitudes.Add(name, [.. Weights(model, tensor!).Chunk((int)tensor!.RowLength).Select(row => (float)(Math.Sqrt(row.Sum(weight => (double)weight * weight)) * (1 + spread * (2 * random.NextDouble() - 1))))]);
        }

        return this;
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
                if (_magnitudes.TryGetValue(name, out float[]? magnitudes))
                {
                    builder.AddTensor(name + ".lora_magnitude", GgmlType.F32, [(ulong)rowCount], MemoryMarshal.AsBytes(magnitudes.AsSpan()).ToArray());
                }
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
            float[] weights = Weights(model, tensor);
            if (tensor.Name == "token_embd.weight" && !model.TryGetTensor("output.weight", out _))
            {
                Add("output.weight", tensor, weights);
            }

            double[] merged = Array.ConvertAll(weights, weight => (double)weight);
            foreach ((RandomAdapter adapter, float scale) in adapters)
            {
                adapter.AddTo(merged, weights, tensor.Name, scale);
            }

            Add(tensor.Name, tensor, Array.ConvertAll(merged, weight => (float)weight));
        }

        return GgufFile.Open(new MemoryByteSource(builder.Build()));

        void Add(string name, TensorDescription tensor, float[] weights) => builder.AddTensor(
            name, GgmlType.F32, [.. tensor.Dimensions.Select(dimension => (ulong)dimension)], MemoryMarshal.AsBytes(weights.AsSpan()).ToArray());
    }

    private static float[] Transpose(float[] rows, long rowLength)
        => [.. Enumerable.Range(0, (int)rowLength).SelectMany(column => rows.Where((_, i) => i % rowLength == column))];

    private static float[] Weights(GgufFile model, TensorDescription tensor)
    {
        byte[] bytes = new byte[tensor.ByteSize];
        model.Read(tensor, 0, bytes);
        float[] weights = new float[tensor.RowLength * tensor.RowCount];
        WeightFormats.Dequantize(tensor.Type, bytes, weights);
        return weights;
    }

    private void AddTo(double[] weights, float[] own, string name, float scale)
    {
        if (!_pairs.TryGetValue(name, out (float[] A, float[] B, long RowLength, long RowCount) pair))
        {
            return;
        }

        double factor = scale * (Alpha == 0 ? 1.0 : Alpha / (double)Rank);
        for (int row = 0; row < pair.RowCount; row++)
        {
            double[] change = [.. Enumerable.Range(0, (int)pair.RowLength).Select(column => factor * Enumerable.Range(0, Rank).Sum(i => (double)pair.B[row * Rank + i] * pair.A[i * pair.RowLength + column]))];
            if (_magnitudes.TryGetValue(name, out float[]? magnitudes))
            {
                double[] before = [.. own.Skip(row * (int)pair.RowLength).Take(change.Length).Select(weight => (double)weight)], adapted = [.. before.Zip(change, (weight, added) => weight + added)];
                double ratio = magnitudes[row] / Math.Sqrt(adapted.Sum(weight => weight * weight));
                change = [.. adapted.Zip(before, (weight, old) => ratio * weight - old)];
            }

            for (int column = 0; column < pair.RowLength; column++)
            {
                weights[row * pair.RowLength + column] += change[column];
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
