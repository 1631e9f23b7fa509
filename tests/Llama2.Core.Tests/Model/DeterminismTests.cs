using Llama2.Formats.Gguf;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Tests.Kernels;
using Llama2.Threading;

namespace Llama2.Tests.Model;

public class DeterminismTests
{
    private const int PromptLength = 40;
    private static readonly float[][] s_expected = Compute(PromptLength, 1, WeightMatrixFactory.BestTier);

    public static TheoryData<string> TierNames => Tiers.Names;

    [Fact]
    public void Forward_TinyModel_GivesLogitsThatDiffer()
    {
        s_expected.Should().HaveCount(PromptLength).And.AllSatisfy(row => row.Should().OnlyContain(logit => float.IsFinite(logit)).And.OnlyHaveUniqueItems());
        s_expected.Select(row => row[0]).Should().OnlyHaveUniqueItems();
        s_expected.SelectMany(row => row).Max(logit => Math.Abs(logit)).Should().BeInRange(0.1f, 100f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(40)]
    public void Forward_AnyChunkingOfThePrompt_GivesTheSameBits(int chunk) => Check(Compute(chunk, 2, WeightMatrixFactory.BestTier));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Forward_AnyThreadCount_GivesTheSameBits(int threadCount) => Check(Compute(11, threadCount, WeightMatrixFactory.BestTier));

    [Theory]
    [MemberData(nameof(TierNames))]
    public void Forward_AnyTier_GivesTheSameBits(string tier) => Check(Compute(11, 2, Enum.Parse<KernelTier>(tier)));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Forward_BesideTwoOtherSequences_GivesTheSameBits(int chunk)
    {
        using GgufFile file = new TinyLlama().Open();
        using var pool = new WorkerPool(3);
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using LlamaWeights weights = new WeightLoader(file, configuration, pool, WeightMatrixFactory.BestTier, null, default).Load();
        using var state = new InferenceState(configuration, 3 * chunk, chunk, pool.ThreadCount);
        using KeyValueCache own = new(configuration, Attentions.For(configuration), PromptLength), second = new(configuration, Attentions.For(configuration), 64), third = new(configuration, Attentions.For(configuration), 50);
        var transformer = new LlamaTransformer(configuration, weights, Attentions.For(configuration), pool);
        var batch = new Batch(3 * chunk);
        var logits = new List<float[]>();
        for (int start = 0; start < PromptLength; start += chunk)
        {
            // The others have other tokens, and one of them is ahead.
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

        Check([.. logits]);
    }

    [Fact]
    public void Forward_OneTokenAfterThePrompt_AllocatesNothing()
    {
        using GgufFile file = new TinyLlama().Open();
        using var pool = new WorkerPool(2);
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using LlamaWeights weights = new WeightLoader(file, configuration, pool, WeightMatrixFactory.BestTier, null, default).Load();
        using var state = new InferenceState(configuration, 1, 1, pool.ThreadCount);
        using var cache = new KeyValueCache(configuration, Attentions.For(configuration), 1);
        var transformer = new LlamaTransformer(configuration, weights, Attentions.For(configuration), pool);
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
    public void Forward_Cancelled_EndsEarly()
    {
        using GgufFile file = new TinyLlama().Open();
        using var pool = new WorkerPool(1);
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using LlamaWeights weights = new WeightLoader(file, configuration, pool, WeightMatrixFactory.BestTier, null, default).Load();
        using var state = new InferenceState(configuration, 1, 1, 1);
        using var cache = new KeyValueCache(configuration, Attentions.For(configuration), 1);
        var batch = new Batch(1);
        batch.Add(5, 0, cache, wantsLogits: true);
        int asked = 0;
        new LlamaTransformer(configuration, weights, Attentions.For(configuration), pool).Forward(batch, state, () => ++asked == 2).Should().BeFalse();
        asked.Should().Be(2);
    }

    private static int Token(int position) => (position * 17 + 3) % TinyLlama.VocabularySize;

    private static void Check(float[][] logits)
    {
        logits.Should().HaveCount(PromptLength);
        for (int token = 0; token < PromptLength; token++)
        {
            logits[token].AsSpan().SequenceEqual(s_expected[token]).Should().BeTrue("token {0}", token);
        }
    }

    private static float[][] Compute(int chunk, int threadCount, KernelTier tier)
    {
        using GgufFile file = new TinyLlama().Open();
        using var pool = new WorkerPool(threadCount);
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using LlamaWeights weights = new WeightLoader(file, configuration, pool, tier, null, default).Load();
        using var state = new InferenceState(configuration, chunk, chunk, threadCount);
        using var cache = new KeyValueCache(configuration, Attentions.For(configuration), PromptLength);
        var transformer = new LlamaTransformer(configuration, weights, Attentions.For(configuration, tier), pool);
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
