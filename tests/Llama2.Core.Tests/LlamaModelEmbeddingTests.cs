using Llama2.Formats.Gguf;
using Llama2.Tests.Model;
using Xunit.Abstractions;

namespace Llama2.Tests;

public class LlamaModelEmbeddingTests(DemonstrationModel demonstration, ITestOutputHelper output) : IClassFixture<DemonstrationModel>
{
    private const string Story = "Once upon a time there was a kind boy named Tim.";
    private static readonly EmbeddingOptions s_plainMean = new() { Normalize = false };
    private static readonly EmbeddingOptions s_plainLast = new() { Pooling = EmbeddingPooling.LastToken, Normalize = false };
    private readonly LlamaModel _model = demonstration.Model;

    // Texts of 1 to 470 tokens, most of them short. There are more texts than the model computes at once, and some are longer than a batch.
    private static readonly string[] s_texts =
    [
        .. Enumerable.Range(0, 64).Select(i => i == 0 ? "" : string.Concat(Enumerable.Repeat($"Tim has {i} red balls. ", i % 16 == 15 ? 30 : i % 7))),
    ];

    [Fact]
    public async Task ComputeEmbeddingAsync_OneText_IsItsVectorAmongMany() =>
        (await _model.ComputeEmbeddingAsync(Story, s_plainLast)).Should().Equal((await _model.ComputeEmbeddingsAsync(["Tim", Story], s_plainLast))[1]);

    // The float32 results are compared with a float64 computation with the same weights. 1e-6 is the bound for logits of unquantized models.
    [Theory]
    [InlineData(EmbeddingPooling.Mean, true)]
    [InlineData(EmbeddingPooling.Mean, false)]
    [InlineData(EmbeddingPooling.LastToken, true)]
    [InlineData(EmbeddingPooling.LastToken, false)]
    public async Task ComputeEmbeddings_UnquantizedModel_AreThoseOfExactArithmetic(EmbeddingPooling pooling, bool normalize)
    {
        using GgufFile file = FloatModel.Open();
        using LlamaModel model = FloatModel.Load();
        float[] expected = Exact(file, model.Tokenizer.Encode(Story, addBeginOfSequence: true), pooling, normalize);

        float[][] embeddings = await model.ComputeEmbeddingsAsync([Story], new EmbeddingOptions { Pooling = pooling, Normalize = normalize });

        double error = GoldenModel.RelativeError(embeddings.Single(), expected);
        output.WriteLine($"{error:G3}");
        error.Should().BeLessThanOrEqualTo(1e-6);
    }

    // Activations are rounded to 8 bits before each product, as in llama.cpp: 2e-2 is the bound for logits of quantized golden models.
    [Fact]
    public async Task ComputeEmbeddings_QuantizedModel_AreNearThoseOfExactArithmetic()
    {
        using var file = GgufFile.Open(DemonstrationModel.Path);
        float[] expected = Exact(file, _model.Tokenizer.Encode(Story, addBeginOfSequence: true), EmbeddingPooling.Mean, normalize: true);

        float[][] embeddings = await _model.ComputeEmbeddingsAsync([Story]);

        double error = GoldenModel.RelativeError(embeddings.Single(), expected);
        output.WriteLine($"{error:G3}");
        error.Should().BeLessThanOrEqualTo(2e-2);
    }

    // The mean embedding of a text is the mean of the hidden states of the last tokens of all beginnings of the text.
    [Fact]
    public async Task ComputeEmbeddings_Mean_IsThatOfTheLastTokensOfEveryBeginning()
    {
        int[] tokens = _model.Tokenizer.Encode(Story, addBeginOfSequence: true);
        float[][] states = await _model.ComputeEmbeddingsAsync(
            [.. Enumerable.Range(1, tokens.Length).Select(count => (ReadOnlyMemory<int>)tokens.AsMemory(0, count))], s_plainLast);

        float[] mean = (await _model.ComputeEmbeddingsAsync([Story], s_plainMean)).Single();

        mean.Should().Equal(Enumerable.Range(0, mean.Length).Select(i => (float)(states.Sum(state => (double)state[i]) / tokens.Length)));
        states.Select(state => state[0]).Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData(EmbeddingPooling.Mean)]
    [InlineData(EmbeddingPooling.LastToken)]
    public async Task ComputeEmbeddings_Normalized_PointTheSameWayWithUnitLength(EmbeddingPooling pooling)
    {
        var options = new EmbeddingOptions { Pooling = pooling };
        float[][] plain = await _model.ComputeEmbeddingsAsync(s_texts, options with { Normalize = false });

        float[][] embeddings = await _model.ComputeEmbeddingsAsync(s_texts, options);

        for (int text = 0; text < s_texts.Length; text++)
        {
            double length = Math.Sqrt(plain[text].Sum(element => (double)element * element));
            for (int i = 0; i < embeddings[text].Length; i++)
            {
                // The tolerance is half a unit in the last place of each of the two numbers: 2 · 2⁻²⁴, relative.
                embeddings[text][i].Should().BeApproximately((float)(plain[text][i] / length), MathF.Abs(embeddings[text][i]) * 1.3e-7f);
            }
        }
    }

    [Theory]
    [InlineData(EmbeddingPooling.Mean)]
    [InlineData(EmbeddingPooling.LastToken)]
    public async Task ComputeEmbeddings_ManyTexts_AreWhatEachIsAlone(EmbeddingPooling pooling)
    {
        var options = new EmbeddingOptions { Pooling = pooling };
        float[][] alone = await Alone(_model, options);

        float[][] together = await _model.ComputeEmbeddingsAsync(s_texts, options);

        CheckSame(together, alone);
        together.Select(embedding => embedding[0]).Distinct().Should().HaveCountGreaterThan(40, "few texts are equal");
    }

    [Fact]
    public async Task ComputeEmbeddings_BesideGenerationsAndEachOther_AreWhatTheyAreAlone()
    {
        float[][] alone = await Alone(_model, new EmbeddingOptions());
        var generation = new GenerationOptions { Temperature = 1, Seed = 4, MaxTokens = 100, IgnoreEndOfSequence = true };
        string text = (await _model.GenerateTextAsync(Story, generation)).Text;

        Task<GenerationResult>[] generations = [.. Enumerable.Range(0, 5).Select(_ => Task.Run(() => _model.GenerateTextAsync(Story, generation)))];
        Task<float[]> logits = _model.ComputeLogitsAsync(new[] { 1, 2, 3 });
        float[][][] results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => _model.ComputeEmbeddingsAsync(s_texts))));

        results.Should().AllSatisfy(embeddings => CheckSame(embeddings, alone));
        (await Task.WhenAll(generations)).Should().OnlyContain(result => result.Text == text);
        (await logits).Should().Equal(await _model.ComputeLogitsAsync(new[] { 1, 2, 3 }));
    }

    [Fact]
    public async Task ComputeEmbeddings_AnyThreadCount_GivesTheSameBits()
    {
        float[][] expected = await _model.ComputeEmbeddingsAsync(s_texts);
        foreach (int threadCount in (int[])[1, 2, 5])
        {
            using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = threadCount });
            CheckSame(await model.ComputeEmbeddingsAsync(s_texts), expected);
        }
    }

    [Fact]
    public async Task ComputeEmbeddings_Tokens_AreTakenAsTheyAre()
    {
        int[] tokens = _model.Tokenizer.Encode(Story, addBeginOfSequence: true);

        float[][] embeddings = await _model.ComputeEmbeddingsAsync([tokens, tokens.AsMemory(1)]);

        embeddings[0].Should().Equal((await _model.ComputeEmbeddingsAsync([Story])).Single());
        embeddings[1].Should().NotEqual(embeddings[0]);
    }

    [Fact]
    public async Task ComputeEmbeddings_OfRelatedTexts_AreNearerThanOfOthers()
    {
        float[][] embeddings = await _model.ComputeEmbeddingsAsync(
            ["Tim went to the school.", "Oscar went to the school.", "[INST] What is 3 plus 4? [/INST]"]);

        Similarity(0, 1).Should().BeGreaterThan(Similarity(0, 2));

        double Similarity(int first, int second) => embeddings[first].Zip(embeddings[second], (x, y) => (double)x * y).Sum();
    }

    [Fact]
    public async Task ComputeEmbeddings_NoTexts_IsEmpty()
    {
        (await _model.ComputeEmbeddingsAsync(Array.Empty<string>())).Should().BeEmpty();
        (await _model.ComputeEmbeddingsAsync(Array.Empty<ReadOnlyMemory<int>>())).Should().BeEmpty();
    }

    [Fact]
    public async Task ComputeEmbeddings_EmptyText_IsThatOfTheBeginOfSequence()
        => (await _model.ComputeEmbeddingsAsync([""])).Single().Should().Equal(
            (await _model.ComputeEmbeddingsAsync([new[] { _model.Tokenizer.BeginOfSequenceId }])).Single());

    [Fact]
    public async Task ComputeEmbeddings_VocabularyWithoutBeginOfSequence_TakesTextsButNoEmptyOne()
    {
        using LlamaModel model = FloatModel.Load(1, ("tokenizer.ggml.add_bos_token", false));

        (await FluentActions.Awaiting(() => model.ComputeEmbeddingsAsync(["a", ""])).Should().ThrowAsync<ArgumentException>())
            .WithMessage("*begin-of-sequence*").WithParameterName("texts[1]");
        (await model.ComputeEmbeddingsAsync([Story])).Single().Should().Equal(
            (await model.ComputeEmbeddingsAsync([model.Tokenizer.Encode(Story, addBeginOfSequence: false)])).Single());
    }

    [Fact]
    public async Task ComputeEmbeddings_BadTexts_AreRefusedByTheirIndex()
    {
        await Refused(() => _model.ComputeEmbeddingsAsync((IReadOnlyList<string>)null!), "texts");
        await Refused(() => _model.ComputeEmbeddingsAsync((IReadOnlyList<ReadOnlyMemory<int>>)null!), "texts");
        await Refused(() => _model.ComputeEmbeddingsAsync(["a", null!]), "texts[1]");
        await Refused(() => _model.ComputeEmbeddingsAsync(["a", "b", new string('a', ModelTokenizer.MaxTextLength + 1)]), "texts[2]");
        await Refused(() => _model.ComputeEmbeddingsAsync([new[] { 1 }, default(ReadOnlyMemory<int>)]), "texts[1]");
        await Refused(() => _model.ComputeEmbeddingsAsync([new[] { 1, -1 }]), "texts[0]");
        await Refused(() => _model.ComputeEmbeddingsAsync([new[] { 1 }, new[] { 2, _model.Configuration.VocabularySize }]), "texts[1]");

        static async Task Refused(Func<Task> compute, string name)
            => (await FluentActions.Awaiting(compute).Should().ThrowAsync<ArgumentException>()).WithParameterName(name);
    }

    [Fact]
    public async Task ComputeEmbeddings_TextThatFillsTheContext_IsTakenAndALongerOneNamed()
    {
        int[] full = [.. Enumerable.Repeat(5, _model.ContextLength)];
        (await _model.ComputeEmbeddingsAsync([full])).Should().HaveCount(1);

        ContextLengthException exception = (await FluentActions.Awaiting(() => _model.ComputeEmbeddingsAsync([new[] { 1 }, (int[])[.. full, 5]]))
            .Should().ThrowAsync<ContextLengthException>().WithMessage("Text 1,*1,025*1,024*")).Which;

        (exception.TextIndex, exception.PromptTokenCount, exception.ContextLength).Should().Be((1, 1025, 1024));
        (await FluentActions.Awaiting(() => _model.ComputeEmbeddingsAsync([string.Concat(Enumerable.Repeat("word ", 2000))]))
            .Should().ThrowAsync<ContextLengthException>()).Which.TextIndex.Should().Be(0);
    }

    [Fact]
    public async Task ComputeEmbeddings_HiddenStatesOfZeros_StayZero()
    {
        using LlamaModel model = FloatModel.Load(outputNormFactor: 0);

        (await model.ComputeEmbeddingsAsync([Story])).Single().Should().HaveCount(model.Configuration.EmbeddingLength).And.OnlyContain(element => element == 0);
    }

    [Fact]
    public async Task ComputeEmbeddings_WeightsThatOverflow_Throw()
    {
        using LlamaModel model = FloatModel.Load(outputNormFactor: 5e37f);

        NumericalException exception = (await FluentActions.Awaiting(() => model.ComputeEmbeddingsAsync(s_texts)).Should().ThrowAsync<NumericalException>()).Which;

        float.IsFinite(exception.Value).Should().BeFalse();
    }

    [Fact]
    public async Task ComputeEmbeddings_Cancelled_NamesTheTokenAndTheModelStaysUsable()
    {
        float[][] expected = await _model.ComputeEmbeddingsAsync([Story]);
        int cancelledCount = 0;
        for (int i = 0; i < 50; i++)
        {
            using var source = new CancellationTokenSource();
            Task<float[][]> computation = _model.ComputeEmbeddingsAsync([.. Enumerable.Repeat(s_texts[15], 200)], cancellationToken: source.Token);
            await source.CancelAsync();
            try
            {
                await computation;
            }
            catch (OperationCanceledException exception)
            {
                exception.CancellationToken.Should().Be(source.Token);
                cancelledCount++;
            }
        }

        cancelledCount.Should().BePositive();
        CheckSame(await _model.ComputeEmbeddingsAsync([Story]), expected);
        await FluentActions.Awaiting(() => _model.ComputeEmbeddingsAsync([Story], cancellationToken: new CancellationToken(canceled: true)))
            .Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Dispose_WhileEmbedding_EndsItWithObjectDisposed()
    {
        for (int round = 0; round < 5; round++)
        {
            LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
            Task embedding = Task.Run(async () =>
            {
                while (true)
                {
                    await model.ComputeEmbeddingsAsync(s_texts);
                }
            });
            await Task.Delay(20 * round);

            model.Dispose();

            await FluentActions.Awaiting(() => embedding).Should().ThrowAsync<ObjectDisposedException>();
            await FluentActions.Awaiting(() => model.ComputeEmbeddingsAsync(["a"])).Should().ThrowAsync<ObjectDisposedException>();
        }
    }

    private static float[] Exact(GgufFile file, int[] tokens, EmbeddingPooling pooling, bool normalize)
    {
        double[][] states = new ScalarLlama(file).HiddenStates(tokens);
        double[] pooled = pooling == EmbeddingPooling.Mean ? [.. Enumerable.Range(0, states[0].Length).Select(i => states.Average(state => state[i]))] : states[^1];
        double length = normalize ? Math.Sqrt(pooled.Sum(element => element * element)) : 1;
        return [.. pooled.Select(element => (float)(element / length))];
    }

    private static async Task<float[][]> Alone(LlamaModel model, EmbeddingOptions options)
    {
        var embeddings = new List<float[]>();
        foreach (string text in s_texts)
        {
            embeddings.Add((await model.ComputeEmbeddingsAsync([text], options)).Single());
        }

        return [.. embeddings];
    }

    private static void CheckSame(float[][] embeddings, float[][] expected)
    {
        embeddings.Should().HaveSameCount(expected);
        for (int text = 0; text < expected.Length; text++)
        {
            embeddings[text].AsSpan().SequenceEqual(expected[text]).Should().BeTrue("text {0}", text);
        }
    }
}
