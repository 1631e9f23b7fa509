using System.Runtime.InteropServices;
using System.Text.Json;
using Llama2.Architectures;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Tests;
using Llama2.Training.Model;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests;

/// <summary>The results for a tiny Llama that tests/Reference/training.py computed with PyTorch.</summary>
internal sealed class Golden
{
    private static readonly byte[] s_bytes = File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", "training.bin"));
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);
    private readonly Document _document = JsonSerializer.Deserialize<Document>(
        File.ReadAllText(RepositoryFiles.Committed("tests", "data", "training.json")), s_json)!;

    public static Golden Instance { get; } = new();

    public Document Values => _document;

    public ModelConfiguration Shape => new()
    {
        Architecture = "llama",
        Name = "tiny",
        ContextLength = 64,
        EmbeddingLength = _document.Shape.Width,
        LayerCount = _document.Shape.Layers,
        HeadCount = _document.Shape.Heads,
        KeyValueHeadCount = _document.Shape.KeyValueHeads,
        FeedForwardLength = _document.Shape.Hidden,
        VocabularySize = _document.Shape.Vocabulary,
        RmsNormEpsilon = 1e-5f,
    };

    public LoraOptions Lora => new() { Rank = _document.Rank, Alpha = _document.Alpha };

    /// <summary>The names of the tensors of a group.</summary>
    public IEnumerable<string> Names(string group)
        => _document.Tensors.Keys.Where(name => name.StartsWith(group + "/", StringComparison.Ordinal)).Select(name => name[(group.Length + 1)..]);

    public double[][] this[string group, string name] => Read(s_bytes, _document.Tensors[$"{group}/{name}"]);

    /// <summary>Reads a tensor from the bytes of a file.</summary>
    public static double[][] Read(byte[] bytes, TensorEntry entry)
    {
        int columnCount = entry.Shape[^1], count = entry.Shape.Aggregate(1, (product, length) => product * length);
        float[] values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(entry.Offset, count * sizeof(float))).ToArray();
        return [.. values.Chunk(columnCount).Select(row => Array.ConvertAll(row, value => (double)value))];
    }

    /// <summary>The samples in one batch, with their weights divided by the sum of all weights.</summary>
    public TokenBatch Batch(int sampleCount, bool isMean = true)
    {
        var batch = new TokenBatch(64);
        Sample[] samples = [.. _document.Samples.Take(sampleCount)];
        float total = isMean ? samples.Sum(sample => sample.Weights.Skip(1).Sum()) : 1;
        foreach (Sample sample in samples)
        {
            batch.TryAdd(sample.Tokens, Array.ConvertAll(sample.Weights, weight => weight / total)).Should().BeTrue();
        }

        return batch;
    }

    /// <summary>The model with the golden adapters on frozen float32 weights.</summary>
    public TrainingModel CreateAdapted(MatrixMultiplier multiplier, bool hasCheckpoints, LoraOptions? lora = null, double neftuneAlpha = 0, Action<Parameter>? fill = null, bool isOutputTied = false)
    {
        lora ??= Lora;
        using AdapterInputs adapters = AdapterInputs.Open(lora, Shape);
        ModelLayers layers = LayerFactory.CreateAdapted(Shape, LoadWeights(isOutputTied), lora, adapters, seed: 1, tokenCapacity: 64, quantizesActivations: false, hasCheckpoints, multiplier);
        var model = new TrainingModel(layers, multiplier, tokenCapacity: 64, hasCheckpoints, neftuneAlpha);
        foreach (Parameter parameter in model.Parameters.Where(parameter => parameter.Name.Contains(".lora_", StringComparison.Ordinal)))
        {
            (fill ?? (own => Fill(own, "adapters")))(parameter);
        }

        return model;
    }

    /// <summary>The model with all weights trained.</summary>
    public TrainingModel CreateTrained(MatrixMultiplier multiplier, bool hasCheckpoints)
        => new(
            LayerFactory.CreateTrained(Shape, new Source(this), isOutputTied: false, ropeFrequencyFactors: null, tokenCapacity: 64), multiplier, tokenCapacity: 64, hasCheckpoints);

    /// <summary>The model with all weights trained. Its output matrix is the embedding table, or a copy of it that is trained separately.</summary>
    public TrainingModel CreateWithOneTable(MatrixMultiplier multiplier, bool isOutputTied)
    {
        ModelLayers layers = LayerFactory.CreateTrained(Shape, new Source(this), isOutputTied, ropeFrequencyFactors: null, tokenCapacity: 64);
        foreach (Parameter output in layers.Parameters.Where(parameter => parameter.Name == LlamaTensors.Output.Name()))
        {
            Fill(output, this["weights", LlamaTensors.TokenEmbedding.Name()]);
        }

        return new(layers, multiplier, tokenCapacity: 64, hasCheckpoints: true);
    }

    public LlamaWeights LoadWeights(bool isOutputTied = false) => new()
    {
        TokenEmbedding = Embedding(),
        Layers = [.. Enumerable.Range(0, Shape.LayerCount).Select(Layer)],
        OutputNorm = Vector(LlamaTensors.OutputNorm.Name()),
        Output = Pack((isOutputTied ? LlamaTensors.TokenEmbedding : LlamaTensors.Output).Name()),
        IsOutputTied = isOutputTied,
    };

    private LlamaLayer Layer(int layer) => new(Shape.Family.Tensors, role => Vector(role.Name(layer)), role => Pack(role.Name(layer)));

    private EmbeddingTable Embedding()
    {
        var table = new EmbeddingTable(GgmlType.F32, Shape.VocabularySize, Shape.EmbeddingLength);
        Bytes(this["weights", LlamaTensors.TokenEmbedding.Name()]).CopyTo(table.Rows(0, Shape.VocabularySize));
        return table;
    }

    private float[] Vector(string name) => Array.ConvertAll(this["weights", name][0], value => (float)value);

    private WeightMatrix Pack(string name)
    {
        double[][] values = this["weights", name];
        WeightMatrix matrix = WeightMatrixFactory.Create(GgmlType.F32, values.Length, values[0].Length, WeightMatrixFactory.BestTier);
        for (int panel = 0; panel < matrix.PanelCount; panel++)
        {
            matrix.TryFill(panel, Bytes(values[(16 * panel)..Math.Min(values.Length, 16 * panel + 16)])).Should().BeTrue();
        }

        return matrix;
    }

    private static byte[] Bytes(double[][] values)
        => MemoryMarshal.AsBytes(values.SelectMany(row => row).Select(value => (float)value).ToArray().AsSpan()).ToArray();

    private void Fill(Parameter parameter, string group) => Fill(parameter, this[group, parameter.Name]);

    public static void Fill(Parameter parameter, double[][] values)
    {
        for (int row = 0; row < values.Length; row++)
        {
            Array.ConvertAll(values[row], value => (float)value).CopyTo(parameter.Values[row]);
        }
    }

    private sealed class Source(Golden golden) : IParameterSource
    {
        public void Fill(Parameter parameter) => golden.Fill(parameter, "weights");
    }

    internal sealed record Document(
        ShapeEntry Shape, int Rank, float Alpha, float Beta, Sample[] Samples, double FullLoss, double LoraLoss, double PreferenceLoss, double[] FullLosses, double[] FullNorms,
        double[] LoraLosses, double[] LoraNorms, Dictionary<string, TensorEntry> Tensors);

    internal sealed record ShapeEntry(int Width, int Layers, int Heads, int KeyValueHeads, int Hidden, int Vocabulary);

    internal sealed record Sample(int[] Tokens, float[] Weights);

    internal sealed record TensorEntry(int[] Shape, int Offset);
}
