using Llama2.Formats.Gguf;
using Llama2.Tests.Formats.Gguf;

namespace Llama2.Tests.Adapters;

public sealed class GgufAdapterHostileFileTests : IDisposable
{
    private const string Query = "blk.0.attn_q.weight";
    private readonly TemporaryFolder _folder = new();
    private readonly LlamaModel _model;

    public GgufAdapterHostileFileTests()
    {
        using GgufFile file = TinyModel.Describe().Open();
        _model = LlamaModel.Load(file, new LlamaModelOptions(), progress: null, CancellationToken.None);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void LoadAdapter_WellFormedFile_IsLoaded()
    {
        using LlamaAdapter adapter = Load(Describe().AddTensor(Query + ".lora_a", GgmlType.F32, [32, 2], Numbers(64)).AddTensor(Query + ".lora_b", GgmlType.F32, [2, 32], Numbers(64)));

        adapter.MaxRank.Should().Be(2);
    }

    [Theory]
    [InlineData("general.type", "model", "general.type is model*not an adapter")]
    [InlineData("general.architecture", "gemma", "general.architecture is gemma*another kind")]
    [InlineData("adapter.type", "control_vector", "adapter.type is control_vector*only 'lora'")]
    [InlineData("adapter.lora.alpha", float.NaN, "adapter.lora.alpha is NaN*finite")]
    [InlineData("adapter.alora.invocation_tokens", 1u, "activated LoRA")]
    public void LoadAdapter_WrongMetadata_IsRefusedByName(string key, object value, string message)
        => Refuse(AddPair(Describe((key, value))), message);

    [Theory]
    [InlineData("general.type")]
    [InlineData("general.architecture")]
    [InlineData("adapter.type")]
    [InlineData("adapter.lora.alpha")]
    public void LoadAdapter_MissingMetadata_IsRefusedByName(string key) => Refuse(AddPair(Describe((key, null))), $"{key} is missing");

    [Theory]
    [InlineData(".lora_a", ".lora_b", 32ul, 2ul)]
    [InlineData(".lora_b", ".lora_a", 2ul, 32ul)]
    public void LoadAdapter_HalfOfAPair_IsRefusedByName(string suffix, string missing, ulong columns, ulong rows)
        => Refuse(Describe().AddTensor(Query + suffix, GgmlType.F32, [columns, rows], Numbers(64)), $"tensor '{Query}{missing}' is absent*one factor of a pair");

    [Fact]
    public void LoadAdapter_NoTensors_IsRefused() => Refuse(Describe(), "the number of tensors is 0");

    [Fact]
    public void LoadAdapter_TensorOfAnotherKind_IsRefusedByName()
        => Refuse(AddPair(Describe()).AddTensor("blk.0.attn_q.bias", GgmlType.F32, [32], Numbers(32)), "'blk.0.attn_q.bias'*not supported");

    [Fact]
    public void LoadAdapter_WholeTensor_ReplacesThatOfTheModel()
    {
        using LlamaAdapter adapter = Load(Describe().AddTensor("token_embd.weight", GgmlType.F32, [32, 12], Numbers(12 * 32)));

        (adapter.MaxRank, adapter.ByteSize).Should().Be((0, 12 * 32 * sizeof(float)));
    }

    [Theory]
    [InlineData("token_embd.weight", 32ul, 11ul, "the shape of 'token_embd.weight' is 32 × 11*another vocabulary")]
    [InlineData("token_embd.weight", 31ul, 12ul, "the shape of 'token_embd.weight' is 31 × 12")]
    [InlineData("token_embd.weight", 32ul, 13ul, "the number of tokens is 13*the model has 12*merging")]
    [InlineData("blk.7.attn_q.weight", 32ul, 32ul, "the model has no tensor 'blk.7.attn_q.weight'")]
    public void LoadAdapter_WholeTensorThatDoesNotFit_IsRefusedByName(string name, ulong columns, ulong rows, string message)
        => Refuse(Describe().AddTensor(name, GgmlType.F32, [columns, rows], Numbers((int)(columns * rows))), message);

    [Fact]
    public void LoadAdapter_PairAndWholeTensorForOneMatrix_AreRefused()
        => Refuse(AddPair(Describe()).AddTensor(Query, GgmlType.F32, [32, 32], Numbers(32 * 32)), $"'{Query}'*two adapters");

    // The adapter has rows for 13 tokens, and the model for 12.
    [Theory]
    [InlineData(null, null, "adapter.added_tokens is 0 tokens*13 tokens*the model has 12")]
    [InlineData("x y", 4, "adapter.added_tokens is 2 tokens*13 tokens*the model has 12")]
    [InlineData("x", null, "adapter.added_token_types is missing")]
    [InlineData("x", 1, "adapter.added_token_types*")]
    [InlineData("abc", 4, "the added token 12 is 'abc'*already has this token, with the id 10")]
    public void Merge_TokensThatDoNotFit_AreRefusedByName(string? tokens, int? type, string message)
    {
        GgufBuilder adapter = Describe().AddTensor("token_embd.weight", GgmlType.F32, [32, 13], Numbers(13 * 32));
        if (tokens is not null)
        {
            adapter.Add("adapter.added_tokens", tokens.Split(' '));
        }

        if (type is { } number)
        {
            adapter.Add("adapter.added_token_types", new int[] { number });
        }

        string model = _folder.File("model.gguf"), path = _folder.File("tokens.gguf");
        File.WriteAllBytes(model, TinyModel.Build());
        File.WriteAllBytes(path, adapter.Build());
        FluentActions.Invoking(() => AdapterMerger.Merge(model, [(path, 1)], _folder.File("merged.gguf"))).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");
    }

    [Theory]
    [InlineData("blk.7.attn_q.weight")]
    [InlineData("blk.0.attn_norm.weight")]
    [InlineData("output.weight")]
    [InlineData("")]
    public void LoadAdapter_TensorThatTheModelLacks_IsRefusedByName(string name)
        => Refuse(
            Describe().AddTensor(name + ".lora_a", GgmlType.F32, [32, 2], Numbers(64)).AddTensor(name + ".lora_b", GgmlType.F32, [2, 32], Numbers(64)),
            $"the model tensor that '{name}.lora_a' changes is '{name}'");

    [Theory]
    [InlineData(Query, 31ul, 2ul, 2ul, 32ul)] // columns
    [InlineData(Query, 32ul, 2ul, 2ul, 33ul)] // rows
    [InlineData(Query, 32ul, 3ul, 2ul, 32ul)] // unequal ranks
    [InlineData(Query, 2ul, 32ul, 2ul, 32ul)] // transposed
    [InlineData("blk.0.attn_k.weight", 32ul, 2ul, 2ul, 32ul)] // the shape of a query adapter on the key projection
    [InlineData("token_embd.weight", 32ul, 2ul, 2ul, 12ul)] // rows and columns not exchanged
    [InlineData("token_embd.weight", 2ul, 11ul, 2ul, 32ul)] // a vocabulary of another size
    public void LoadAdapter_WrongShape_IsRefusedByName(string name, ulong columnsOfA, ulong rowsOfA, ulong columnsOfB, ulong rowsOfB)
        => Refuse(DescribePair(name, columnsOfA, rowsOfA, columnsOfB, rowsOfB), $"the shape of '{name}.lora_*");

    [Theory]
    [InlineData(32ul, 0ul, 2ul, 32ul, ".lora_a")]
    [InlineData(32ul, 2ul, 0ul, 32ul, ".lora_b")]
    [InlineData(32ul, 0ul, 0ul, 32ul, ".lora_a")]
    public void LoadAdapter_RankOfZero_IsRefusedByName(ulong columnsOfA, ulong rowsOfA, ulong columnsOfB, ulong rowsOfB, string suffix)
        => Refuse(DescribePair(Query, columnsOfA, rowsOfA, columnsOfB, rowsOfB), $"dimension*'{Query}{suffix}'*is 0");

    [Fact]
    public void LoadAdapter_RankBeyondTheLimit_IsRefused()
        => Refuse(
            Describe().AddTensor(Query + ".lora_a", GgmlType.F16, [32, 1025], new byte[32 * 1025 * 2]).AddTensor(Query + ".lora_b", GgmlType.F16, [1025, 32], new byte[32 * 1025 * 2]),
            "the rank of*1,025*1 to 1,024");

    [Fact]
    public void LoadAdapter_ThreeDimensions_IsRefused()
        => Refuse(
            Describe().AddTensor(Query + ".lora_a", GgmlType.F32, [32, 1, 2], Numbers(64)).AddTensor(Query + ".lora_b", GgmlType.F32, [2, 32], Numbers(64)),
            "3 dimensions*matrices");

    [Theory]
    [InlineData(".lora_a", float.NaN)]
    [InlineData(".lora_a", float.PositiveInfinity)]
    [InlineData(".lora_b", float.NegativeInfinity)]
    public void LoadAdapter_NumberThatIsNotFinite_IsRefusedByName(string suffix, float number)
    {
        byte[] Bad(string name, int count) => name == suffix ? [.. Numbers(count - 1), .. BitConverter.GetBytes(number)] : Numbers(count);
        foreach (string name in (string[])[Query, "token_embd.weight"])
        {
            bool isEmbedding = name != Query;
            GgufBuilder builder = Describe()
                .AddTensor(name + ".lora_a", GgmlType.F32, isEmbedding ? [2, 12] : [32, 2], Bad(".lora_a", isEmbedding ? 24 : 64))
                .AddTensor(name + ".lora_b", GgmlType.F32, [2, 32], Bad(".lora_b", 64));
            Refuse(builder, $"a number of '{name}{suffix}'*finite");
        }
    }

    [Fact]
    public void LoadAdapter_TypeThatIsNotSupported_IsRefused()
        => Refuse(
            Describe().AddTensor(Query + ".lora_a", GgmlType.F64, [32, 2], new byte[512]).AddTensor(Query + ".lora_b", GgmlType.F64, [2, 32], new byte[512]),
            "type of tensor*F64");

    [Fact]
    public void LoadAdapter_AnyByteChanged_LoadsOrThrowsItsOwnException()
    {
        byte[] bytes = AddPair(Describe()).Build();
        var random = new Random(5);
        for (int i = 0; i < 400; i++)
        {
            byte[] changed = [.. bytes[..(i % 2 == 0 ? bytes.Length : random.Next(bytes.Length))]];
            if (changed.Length > 0)
            {
                changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 256);
            }

            try
            {
                Load(changed).Dispose();
            }
            catch (ModelFormatException)
            {
            }
        }
    }

    private static GgufBuilder DescribePair(string name, ulong columnsOfA, ulong rowsOfA, ulong columnsOfB, ulong rowsOfB)
        => Describe()
            .AddTensor(name + ".lora_a", GgmlType.F32, [columnsOfA, rowsOfA], Numbers((int)(columnsOfA * rowsOfA)))
            .AddTensor(name + ".lora_b", GgmlType.F32, [columnsOfB, rowsOfB], Numbers((int)(columnsOfB * rowsOfB)));

    private static GgufBuilder Describe(params (string Key, object? Value)[] changes)
    {
        var metadata = new Dictionary<string, object?>
        {
            ["general.type"] = "adapter",
            ["general.architecture"] = "llama",
            ["adapter.type"] = "lora",
            ["adapter.lora.alpha"] = 4f,
        };
        foreach ((string key, object? value) in changes)
        {
            metadata[key] = value;
        }

        var builder = new GgufBuilder();
        foreach ((string key, object? value) in metadata.Where(pair => pair.Value is not null))
        {
            builder.Add(key, value!);
        }

        return builder;
    }

    private static GgufBuilder AddPair(GgufBuilder builder)
        => builder.AddTensor(Query + ".lora_a", GgmlType.F32, [32, 2], Numbers(64)).AddTensor(Query + ".lora_b", GgmlType.F32, [2, 32], Numbers(64));

    private static byte[] Numbers(int count) => [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes(i * 0.001f))];

    private void Refuse(GgufBuilder builder, string message)
        => FluentActions.Invoking(() => Load(builder)).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");

    private LlamaAdapter Load(GgufBuilder builder) => Load(builder.Build());

    private LlamaAdapter Load(byte[] bytes)
    {
        string path = _folder.File("adapter.gguf");
        File.WriteAllBytes(path, bytes);
        return _model.LoadAdapter(path);
    }
}
