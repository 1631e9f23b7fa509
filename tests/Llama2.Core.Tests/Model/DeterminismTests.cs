using Llama2.Formats.Gguf;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Tests.Kernels;

namespace Llama2.Tests.Model;

public class DeterminismTests
{
    private const int PromptLength = 40;
    private static readonly KeyValueCacheType[] s_cacheTypes = Enum.GetValues<KeyValueCacheType>();
    private static readonly Dictionary<KeyValueCacheType, float[][]> s_expected =
        s_cacheTypes.ToDictionary(type => type, type => Compute(type, PromptLength, 1, WeightMatrixFactory.BestTier));

    public static IEnumerable<object[]> CacheTypes => s_cacheTypes.Select(type => new object[] { type });

    public static IEnumerable<object[]> CacheTypesAndTiers =>
        from type in s_cacheTypes
        from tier in Tiers.Supported
        select new object[] { type, tier.ToString() };

    public static IEnumerable<object[]> CacheTypesAndChunks => WithCacheTypes(1, 3, 8, 40);

    public static IEnumerable<object[]> CacheTypesAndThreadCounts => WithCacheTypes(1, 2, 3);

    public static IEnumerable<object[]> CacheTypesAndTokensOfEach => WithCacheTypes(1, 7);

    [Theory]
    [MemberData(nameof(CacheTypes))]
    public void Forward_TinyModel_GivesLogitsThatDiffer(KeyValueCacheType cacheType)
    {
        float[][] logits = s_expected[cacheType];
        logits.Should().HaveCount(PromptLength).And.AllSatisfy(row => row.Should().OnlyContain(logit => float.IsFinite(logit)).And.OnlyHaveUniqueItems());
        logits.Select(row => row[0]).Should().OnlyHaveUniqueItems();
        logits.SelectMany(row => row).Max(logit => Math.Abs(logit)).Should().BeInRange(0.1f, 100f);
    }

    [Theory]
    [MemberData(nameof(CacheTypesAndChunks))]
    public void Forward_AnyChunkingOfThePrompt_GivesTheSameBits(KeyValueCacheType cacheType, int chunk)
        => Check(cacheType, Compute(cacheType, chunk, 2, WeightMatrixFactory.BestTier));

    [Theory]
    [MemberData(nameof(CacheTypesAndThreadCounts))]
    public void Forward_AnyThreadCount_GivesTheSameBits(KeyValueCacheType cacheType, int threadCount)
        => Check(cacheType, Compute(cacheType, 11, threadCount, WeightMatrixFactory.BestTier));

    [Theory]
    [MemberData(nameof(CacheTypesAndTiers))]
    public void Forward_AnyTier_GivesTheSameBits(KeyValueCacheType cacheType, string tier)
        => Check(cacheType, Compute(cacheType, 11, 2, Enum.Parse<KernelTier>(tier)));

    [Theory]
    [MemberData(nameof(CacheTypesAndTokensOfEach))]
    public void Forward_BesideTwoOtherSequences_GivesTheSameBits(KeyValueCacheType cacheType, int chunk)
    {
        using GgufFile file = new TinyLlama().Open();
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 3 });
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using LlamaWeights weights = new WeightLoader(file, configuration, runtime, WeightMatrixFactory.BestTier, null, default).Load();
        using var state = new InferenceState(configuration, 3 * chunk, chunk, runtime.ThreadCount);
        Attention attention = Attentions.For(configuration, cacheType: cacheType);
        using TestCache ownMemory = new(configuration, attention, PromptLength), secondMemory = new(configuration, attention, 64), thirdMemory = new(configuration, attention, 50);
        KeyValueCache own = ownMemory.Cache, second = secondMemory.Cache, third = thirdMemory.Cache;
        var transformer = new LlamaTransformer(configuration, weights, attention, runtime.Workers);
        var batch = new Batch(3 * chunk);
        var logits = new List<float[]>();
        for (int start = 0; start < PromptLength; start += chunk)
        {
            // The other sequences have other tokens, and one of them is at later positions.
            batch.Clear();
            for (int position = start; position < Math.Min(start + chunk, PromptLength); position++)
            {
                batch.Add(position % 50, position, second, wantsLogits: false);
                batch.Add(Token(position), position, own, wantsLogits: true);
                batch.Add(49 - position, position + 10, third, wantsLogits: false);
            }

            transformer.Forward(batch, state, () => false).Should().BeTrue();
            logits.AddRange(Enumerable.Range(0, batch.LogitsCount).Select(row => state.Logits[row].ToArray()));
        }

        Check(cacheType, [.. logits]);
    }

    [Theory]
    [InlineData(KeyValueCacheType.F32)]
    [InlineData(KeyValueCacheType.Q8_0)]
    public void Forward_OneTokenAfterThePrompt_AllocatesNothing(KeyValueCacheType cacheType)
    {
        using GgufFile file = new TinyLlama().Open();
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 2 });
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using LlamaWeights weights = new WeightLoader(file, configuration, runtime, WeightMatrixFactory.BestTier, null, default).Load();
        using var state = new InferenceState(configuration, 1, 1, runtime.ThreadCount);
        Attention attention = Attentions.For(configuration, cacheType: cacheType);
        using var cacheMemory = new TestCache(configuration, attention, 1);
        KeyValueCache cache = cacheMemory.Cache;
        var transformer = new LlamaTransformer(configuration, weights, attention, runtime.Workers);
        var batch = new Batch(1);
        Func<bool> goOn = () => false;
        AllocationMeter.Measure(() =>
        {
            batch.Clear();
            batch.Add(5, 0, cache, wantsLogits: true);
            transformer.Forward(batch, state, goOn);
        }).Should().Be(0);
    }

    [Fact]
    public void Forward_HiddenStatesWanted_GivesTheFinalNormAndLeavesTheLogitsThatNobodyWants()
    {
        using GgufFile file = new TinyLlama().Open();
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 2 });
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using LlamaWeights weights = new WeightLoader(file, configuration, runtime, WeightMatrixFactory.BestTier, null, default).Load();
        using var state = new InferenceState(configuration, PromptLength, PromptLength, 2);
        Attention attention = Attentions.For(configuration);
        using TestCache firstMemory = new(configuration, attention, PromptLength), secondMemory = new(configuration, attention, PromptLength);
        KeyValueCache first = firstMemory.Cache, second = secondMemory.Cache;
        var transformer = new LlamaTransformer(configuration, weights, attention, runtime.Workers);
        float[][] expected = Compute(first, wantsHiddenStates: false, state.Selected);
        state.Logits[0].Fill(7);

        float[][] hiddenStates = Compute(second, wantsHiddenStates: true, state.HiddenStates);

        hiddenStates.Should().HaveCount(PromptLength);
        hiddenStates.SelectMany(row => row).Should().Equal(expected.SelectMany(row => row));
        state.Logits[0].ToArray().Should().OnlyContain(logit => logit == 7);

        float[][] Compute(KeyValueCache cache, bool wantsHiddenStates, Activations output)
        {
            var batch = new Batch(PromptLength);
            for (int position = 0; position < PromptLength; position++)
            {
                batch.Add(Token(position), position, cache, !wantsHiddenStates, wantsHiddenStates);
            }

            transformer.Forward(batch, state, () => false).Should().BeTrue();
            return [.. Enumerable.Range(0, PromptLength).Select(row => output[row].ToArray())];
        }
    }

    [Fact]
    public void Forward_Cancelled_EndsEarly()
    {
        using GgufFile file = new TinyLlama().Open();
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = 1 });
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using LlamaWeights weights = new WeightLoader(file, configuration, runtime, WeightMatrixFactory.BestTier, null, default).Load();
        using var state = new InferenceState(configuration, 1, 1, 1);
        using var cacheMemory = new TestCache(configuration, Attentions.For(configuration), 1);
        KeyValueCache cache = cacheMemory.Cache;
        var batch = new Batch(1);
        batch.Add(5, 0, cache, wantsLogits: true);
        int asked = 0;
        new LlamaTransformer(configuration, weights, Attentions.For(configuration), runtime.Workers).Forward(batch, state, () => ++asked == 2).Should().BeFalse();
        asked.Should().Be(2);
    }

    private static int Token(int position) => (position * 17 + 3) % TinyLlama.VocabularySize;

    private static IEnumerable<object[]> WithCacheTypes(params int[] counts)
        => from type in s_cacheTypes from count in counts select new object[] { type, count };

    private static void Check(KeyValueCacheType cacheType, float[][] logits)
    {
        logits.Should().HaveCount(PromptLength);
        for (int token = 0; token < PromptLength; token++)
        {
            logits[token].AsSpan().SequenceEqual(s_expected[cacheType][token]).Should().BeTrue("token {0}", token);
        }
    }

    private static float[][] Compute(KeyValueCacheType cacheType, int chunk, int threadCount, KernelTier tier)
    {
        using GgufFile file = new TinyLlama().Open();
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = threadCount });
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using LlamaWeights weights = new WeightLoader(file, configuration, runtime, tier, null, default).Load();
        using var state = new InferenceState(configuration, chunk, chunk, threadCount);
        Attention attention = Attentions.For(configuration, tier, cacheType);
        using var cacheMemory = new TestCache(configuration, attention, PromptLength);
        KeyValueCache cache = cacheMemory.Cache;
        var transformer = new LlamaTransformer(configuration, weights, attention, runtime.Workers);
        var batch = new Batch(chunk);
        var logits = new List<float[]>();
        for (int start = 0; start < PromptLength; start += chunk)
        {
            batch.Clear();
            for (int position = start; position < Math.Min(start + chunk, PromptLength); position++)
            {
                batch.Add(Token(position), position, cache, wantsLogits: true);
            }

            transformer.Forward(batch, state, () => false).Should().BeTrue();
            logits.AddRange(Enumerable.Range(0, batch.LogitsCount).Select(row => state.Logits[row].ToArray()));
        }

        return [.. logits];
    }
}
