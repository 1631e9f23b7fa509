using Llama2.Formats.Gguf;
using Llama2.Tests.Adapters;

namespace Llama2.Tests;

public sealed class LlamaModelAdapterTests : IDisposable
{
    private const int Width = 128;
    private readonly TemporaryFolder _folder = new();
    private readonly GgufFile _file;
    private readonly LlamaModel _model;
    private readonly int[] _tokens;

    public LlamaModelAdapterTests()
    {
        using GgufFile tied = FloatModel.Open();
        _file = RandomAdapter.Merge(tied);
        _model = Load(_file);
        _tokens = _model.Tokenizer.Encode("Once upon a time there was a kind girl who had a dog.", addBeginOfSequence: true);
    }

    public void Dispose()
    {
        _model.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string, int, float, float> Adapters => new()
    {
        { "blk.0.attn_q.weight", 4, 24, 1 },
        { "blk.1.attn_v.weight", 1, 1, -2 },
        { "blk.0.ffn_down.weight", 16, 16, 0.5f },
        { "blk.1.ffn_gate.weight", 21, 0, 0.9f },
        { "output.weight", 8, 4, 1 },
        { "token_embd.weight", 8, 8, 1 },
        { "token_embd.weight", 3, 0, 0.7f },
        { "all", 16, 8, 1 },
    };

    [Fact]
    public async Task LoadAdapterAsync_IsLoadAdapterOnAnotherThread()
    {
        string path = new RandomAdapter(_file, ["blk.0.attn_q.weight"], 4, seed: 3).Write(_folder);
        using LlamaAdapter expected = _model.LoadAdapter(path), adapter = await _model.LoadAdapterAsync(path);

        adapter.Fingerprint.Should().Be(expected.Fingerprint);
        await _model.Awaiting(model => model.LoadAdapterAsync(path, new CancellationToken(canceled: true))).Should().ThrowAsync<OperationCanceledException>();
        await _model.Awaiting(model => model.LoadAdapterAsync(_folder.File("none.gguf"))).Should().ThrowAsync<IOException>();
    }

    // Both the merged model and the model with the adapter compute in float32: a token passes through about 10 matrices, each of which adds a rounding
    // error of about 1e-7.
    [Theory]
    [MemberData(nameof(Adapters))]
    public async Task ComputeLogitsAsync_WithAnAdapter_EqualsTheMergedModel(string name, int rank, float alpha, float scale)
    {
        IEnumerable<string> names = name == "all" ? [.. RandomAdapter.Matrices(_file), "token_embd.weight"] : [name];
        foreach (GgmlType type in (GgmlType[])[GgmlType.F32, GgmlType.F16])
        {
            var adapter = new RandomAdapter(_file, names, rank, seed: 3) { Alpha = alpha, Type = type };
            using LlamaAdapter loaded = _model.LoadAdapter(adapter.Write(_folder));

            float[] logits = await _model.ComputeLogitsAsync(_tokens, new() { Adapters = [new LlamaAdapterUse(loaded, scale)] });

            Error(logits, await Merged((adapter, scale))).Should().BeLessThan(1e-5);
            Error(logits, await _model.ComputeLogitsAsync(_tokens)).Should().BeGreaterThan(1e-3, "the adapter changes something");
            (loaded.MaxRank, loaded.Name).Should().Be((rank, "random"));
        }
    }

    [Fact]
    public async Task ComputeLogitsAsync_WithTwoAdapters_EqualsTheModelThatBothAreMergedInto()
    {
        RandomAdapter first = Random(8, 1), second = Random(5, 2);
        using LlamaAdapter one = _model.LoadAdapter(first.Write(_folder)), two = _model.LoadAdapter(second.Write(_folder));

        float[] logits = await _model.ComputeLogitsAsync(_tokens, new() { Adapters = [new(one, 0.5f), new(two, -1.5f)] });

        Error(logits, await Merged((first, 0.5f), (second, -1.5f))).Should().BeLessThan(1e-5);
        (await _model.ComputeLogitsAsync(_tokens, new() { Adapters = [new(two, -1.5f), new(one, 0.5f)] })).Should().Equal(logits, "the order of the list has no effect");
    }

    [Fact]
    public async Task ComputeLogitsAsync_WithScale0_IsTheModelItself()
    {
        using LlamaAdapter adapter = _model.LoadAdapter(Random(8, 1).Write(_folder));

        (await _model.ComputeLogitsAsync(_tokens, new() { Adapters = [new(adapter, 0)] })).Should().Equal(await _model.ComputeLogitsAsync(_tokens));
    }

    // The adapter itself is computed in float32, so the error is that of the base's quantized weights and activations, as without an adapter.
    [Fact]
    public async Task ComputeLogitsAsync_OfAQuantizedModel_HasTheErrorOfItsFormat()
    {
        using LlamaModel quantized = LlamaModel.Load(DemonstrationModel.Path);
        var adapter = new RandomAdapter(_file, RandomAdapter.Matrices(_file).Where(name => name != "output.weight"), 8, 1);
        using LlamaAdapter loaded = quantized.LoadAdapter(adapter.Write(_folder));

        double formatError = Error(await quantized.ComputeLogitsAsync(_tokens), await _model.ComputeLogitsAsync(_tokens));
        double error = Error(await quantized.ComputeLogitsAsync(_tokens, new() { Adapters = [new(loaded)] }), await Merged((adapter, 1)));

        error.Should().BeLessThan(2 * formatError).And.BeGreaterThan(0);
    }

    [Fact]
    public async Task LoadAdapter_ForAModelOfTiedEmbeddings_ChangesTheEmbeddingAloneAndRefusesTheOutput()
    {
        using LlamaModel tied = FloatModel.Load();
        var adapter = new RandomAdapter(_file, ["token_embd.weight"], 4, 1);
        using LlamaAdapter loaded = tied.LoadAdapter(adapter.Write(_folder));

        Error(await tied.ComputeLogitsAsync(_tokens, new() { Adapters = [new(loaded)] }), await Merged((adapter, 1))).Should().BeLessThan(1e-5);
        string path = new RandomAdapter(_file, ["output.weight"], 4, 1).Write(_folder);
        FluentActions.Invoking(() => tied.LoadAdapter(path)).Should().Throw<ModelFormatException>().WithMessage("*'output.weight'*no such tensor*");
    }

    [Fact]
    public async Task GenerateAsync_EightAtOnceWithThreeAdaptersAndNone_GivesEachItsSerialText()
    {
        using LlamaAdapter first = _model.LoadAdapter(Random(8, 1).Write(_folder)), second = _model.LoadAdapter(Random(16, 2).Write(_folder)), third = _model.LoadAdapter(Random(3, 3).Write(_folder));
        IReadOnlyList<LlamaAdapterUse>[] sets =
        [
            [new(first)], [new(second)], [new(third)], [], [new(first, 0.5f)], [new(second), new(first)], [new(third, 0.7f), new(second, 0.2f)], [new(first)],
        ];
        string[] serial = new string[sets.Length];
        for (int i = 0; i < sets.Length; i++)
        {
            serial[i] = await Generate(sets[i], i);
        }

        using LlamaModel fresh = Load(_file);
        (await Generate(fresh, [], 3)).Should().Be(serial[3]);
        for (int repeat = 0; repeat < 3; repeat++)
        {
            (await Task.WhenAll(sets.Select(Generate))).Should().Equal(serial);
        }

        serial.Take(7).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task GenerateAsync_PromptKnownWithOtherAdapters_IsComputedAnew()
    {
        using LlamaAdapter first = _model.LoadAdapter(Random(8, 1).Write(_folder)), second = _model.LoadAdapter(Random(8, 2).Write(_folder));
        (await CachedCount([new(first)])).Should().Be(0);
        (await CachedCount([])).Should().Be(0);
        (await CachedCount([new(second)])).Should().Be(0);
        (await CachedCount([new(first, 0.5f)])).Should().Be(0);
        (await CachedCount([new(first), new(second)])).Should().Be(0);

        (await CachedCount([new(first)])).Should().Be(_tokens.Length - 1);
        (await CachedCount([new(second), new(first)])).Should().Be(_tokens.Length - 1);
        (await CachedCount([])).Should().Be(_tokens.Length - 1);

        async Task<int> CachedCount(IReadOnlyList<LlamaAdapterUse> adapters)
        {
            GenerationUpdate last = default;
            await foreach (GenerationUpdate update in _model.GenerateAsync(_tokens, new GenerationOptions { MaxTokens = 2, Adapters = adapters }))
            {
                last = update;
            }

            return last.Usage!.CachedTokenCount;
        }
    }

    [Fact]
    public async Task ComputeEmbeddingsAsync_WithAnAdapter_AreThoseOfTheMergedModel()
    {
        RandomAdapter adapter = Random(8, 1);
        using LlamaAdapter loaded = _model.LoadAdapter(adapter.Write(_folder));
        using GgufFile file = RandomAdapter.Merge(_file, (adapter, 1));
        using LlamaModel merged = Load(file);

        float[] embedding = (await _model.ComputeEmbeddingsAsync(["a dog"], new EmbeddingOptions { Adapters = [new(loaded)] }))[0];

        Error(embedding, (await merged.ComputeEmbeddingsAsync(["a dog"]))[0]).Should().BeLessThan(1e-5);
    }

    [Fact]
    public async Task Dispose_WhileAGenerationRuns_LetsItEndAndRefusesTheNext()
    {
        LlamaAdapter adapter = _model.LoadAdapter(Random(8, 1).Write(_folder));
        var options = new GenerationOptions { Temperature = 0, MaxTokens = 60, IgnoreEndOfSequence = true, Adapters = [new(adapter)] };
        string whole = (await _model.GenerateTextAsync("Once", options)).Text;
        string text = "";
        await foreach (GenerationUpdate update in _model.GenerateAsync("Once", options))
        {
            text += update.Text;
            adapter.Dispose();
        }

        text.Should().Be(whole);
        await FluentActions.Awaiting(() => _model.GenerateTextAsync("Once", options)).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(() => _model.ComputeLogitsAsync(_tokens, new() { Adapters = options.Adapters })).Should().ThrowAsync<ObjectDisposedException>();
        (await _model.GenerateTextAsync("Once", options with { Adapters = [] })).Text.Should().NotBe(whole);
    }

    [Fact]
    public void GenerateAsync_AdapterOfAnotherModel_IsRefused()
    {
        using LlamaModel other = Load(_file);
        using LlamaAdapter adapter = other.LoadAdapter(Random(8, 1).Write(_folder));

        FluentActions.Invoking(() => _model.GenerateAsync("Once", new GenerationOptions { Adapters = [new(adapter)] }))
            .Should().Throw<ArgumentException>().WithMessage("*loaded for another model*");
    }

    [Fact]
    public void LlamaAdapterUse_WhatCannotBe_IsRefused()
    {
        using LlamaAdapter adapter = _model.LoadAdapter(Random(8, 1).Write(_folder));
        foreach (float scale in (float[])[float.NaN, float.PositiveInfinity, 101, -101])
        {
            FluentActions.Invoking(() => new LlamaAdapterUse(adapter, scale)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("scale");
        }

        FluentActions.Invoking(() => new GenerationOptions { Adapters = [new(adapter), new(adapter, 0.5f)] }).Should().Throw<ArgumentException>().WithMessage("*listed twice*");
        FluentActions.Invoking(() => new GenerationOptions { Adapters = [null!] }).Should().Throw<ArgumentNullException>().WithParameterName("Adapters[0]");
        FluentActions.Invoking(() => new GenerationOptions { Adapters = [.. Enumerable.Repeat(new LlamaAdapterUse(adapter), 17)] }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*at most 16*");
    }

    [Fact]
    public void Fingerprint_TellsAdaptersApartAndIsTheSameForTheSameFile()
    {
        string path = Random(8, 1).Write(_folder);
        using LlamaAdapter adapter = _model.LoadAdapter(path), same = _model.LoadAdapter(path), other = _model.LoadAdapter(Random(8, 2).Write(_folder));

        adapter.Fingerprint.Should().HaveLength(64).And.Be(same.Fingerprint).And.NotBe(other.Fingerprint);
        adapter.ByteSize.Should().BeGreaterThan(8 * Width * sizeof(float));
    }

    private static double Error(float[] actual, float[] expected) => GoldenModel.RelativeError(actual, expected);

    private RandomAdapter Random(int rank, int seed) => new(_file, RandomAdapter.Matrices(_file), rank, seed) { Alpha = 3 * rank };

    private static LlamaModel Load(GgufFile file) => LlamaModel.Load(file, new LlamaModelOptions(), progress: null, CancellationToken.None);

    private async Task<float[]> Merged(params (RandomAdapter Adapter, float Scale)[] adapters)
    {
        using GgufFile file = RandomAdapter.Merge(_file, adapters);
        using LlamaModel model = Load(file);
        return await model.ComputeLogitsAsync(_tokens);
    }

    private Task<string> Generate(IReadOnlyList<LlamaAdapterUse> adapters, int index) => Generate(_model, adapters, index);

    private static async Task<string> Generate(LlamaModel model, IReadOnlyList<LlamaAdapterUse> adapters, int index)
    {
        var options = new GenerationOptions { Seed = (ulong)index / 7, MaxTokens = 40, IgnoreEndOfSequence = true, Adapters = adapters };
        return (await model.GenerateTextAsync(index % 2 == 0 ? "Once upon a time there was a dog" : "Once upon a time there was a cat", options)).Text;
    }
}
