using Llama2.Formats.Gguf;
using Llama2.Quantization;
using Llama2.Tests.Formats;
using Llama2.Tests.Formats.Gguf;
using Llama2.Tests.Tensors;

namespace Llama2.Tests.Model;

/// <summary>
/// A small well-formed Llama with random weights in several formats, which a test can change in one respect: 2 layers, embedding length 64, 4 heads,
/// 2 key-value heads, feed-forward length 96, 50 tokens.
/// </summary>
internal sealed class TinyLlama
{
    public const int VocabularySize = 50;
    private readonly Dictionary<string, object> _metadata = new()
    {
        ["general.architecture"] = "llama",
        ["general.name"] = "tiny",
        ["llama.context_length"] = 128u,
        ["llama.embedding_length"] = 64u,
        ["llama.block_count"] = 2u,
        ["llama.feed_forward_length"] = 96u,
        ["llama.attention.head_count"] = 4u,
        ["llama.attention.head_count_kv"] = 2u,
        ["llama.attention.layer_norm_rms_epsilon"] = 1e-5f,
        ["tokenizer.ggml.tokens"] = Enumerable.Range(0, VocabularySize).Select(i => $"t{i}").ToArray(),
    };

    private readonly List<Tensor> _tensors = [];
    private readonly Random _random = new(7);

    public TinyLlama()
    {
        Add("token_embd.weight", GgmlType.Q8_0, 64, VocabularySize);
        for (int layer = 0; layer < 2; layer++)
        {
            AddNorm($"blk.{layer}.attn_norm.weight");
            Add($"blk.{layer}.attn_q.weight", GgmlType.Q4_0, 64, 64);
            Add($"blk.{layer}.attn_k.weight", GgmlType.Q8_0, 64, 32);
            Add($"blk.{layer}.attn_v.weight", GgmlType.F16, 64, 32);
            Add($"blk.{layer}.attn_output.weight", GgmlType.Q4_0, 64, 64);
            AddNorm($"blk.{layer}.ffn_norm.weight");
            Add($"blk.{layer}.ffn_gate.weight", GgmlType.Q4_0, 64, 96);
            Add($"blk.{layer}.ffn_up.weight", GgmlType.F16, 64, 96);
            Add($"blk.{layer}.ffn_down.weight", GgmlType.Q8_0, 96, 64);
        }

        AddNorm("output_norm.weight");
        Add("output.weight", GgmlType.F16, 64, VocabularySize);
    }

    public IEnumerable<string> TensorNames => _tensors.Select(tensor => tensor.Name);

    public long WeightsByteSize => _tensors.Sum(tensor => (long)tensor.Data.Length);

    public TinyLlama With(string key, object value)
    {
        _metadata[key] = value;
        return this;
    }

    public TinyLlama Without(string key)
    {
        _metadata.Remove(key).Should().BeTrue();
        return this;
    }

    public TinyLlama WithTensor(string name, GgmlType type, ulong[] dimensions, byte[]? data = null)
    {
        long rows = dimensions.Skip(1).Aggregate(1L, (product, dimension) => product * (long)dimension);
        var tensor = new Tensor(name, type, dimensions, data ?? new byte[rows * GgmlTypes.RowByteSize(type, (long)dimensions[0])]);
        int index = _tensors.FindIndex(other => other.Name == name);
        if (index < 0)
        {
            _tensors.Add(tensor);
        }
        else
        {
            _tensors[index] = tensor;
        }

        return this;
    }

    public TinyLlama WithoutTensor(string name)
    {
        _tensors.RemoveAll(tensor => tensor.Name == name).Should().Be(1);
        return this;
    }

    public Tensor this[string name] => _tensors.Single(tensor => tensor.Name == name);

    public GgufFile Open() => GgufFile.Open(new MemoryByteSource(Build()));

    public byte[] Build()
    {
        var builder = new GgufBuilder();
        foreach ((string key, object value) in _metadata)
        {
            builder.Add(key, value);
        }

        foreach (Tensor tensor in _tensors)
        {
            builder.AddTensor(tensor.Name, tensor.Type, tensor.Dimensions, tensor.Data);
        }

        return builder.Build();
    }

    private void Add(string name, GgmlType type, int columnCount, int rowCount) => WithTensor(
        name, type, [(ulong)columnCount, (ulong)rowCount],
        RandomBlocks.Make(type, rowCount, columnCount, _random, type == GgmlType.F16 ? 0.3f : type == GgmlType.Q8_0 ? 0.003f : 0.04f));

    private void AddNorm(string name) => WithTensor(
        name, GgmlType.F32, [64], [.. Enumerable.Range(0, 64).SelectMany(_ => BitConverter.GetBytes(0.5f + _random.NextSingle()))]);

    public sealed record Tensor(string Name, GgmlType Type, ulong[] Dimensions, byte[] Data);
}
