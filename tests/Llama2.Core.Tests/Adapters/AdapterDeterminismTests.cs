using Llama2.Adapters;
using Llama2.Formats.Gguf;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Tests.Kernels;
using Llama2.Tests.Model;

namespace Llama2.Tests.Adapters;

/// <summary>
/// A sequence with three adapters, one of which has magnitudes, gets the same bits however its computation is divided into passes, and whatever other sequences run.
/// </summary>
public class AdapterDeterminismTests
{
    private const int Length = 40;
    private static readonly float[][] s_expected = Compute(Length, 1, WeightMatrixFactory.BestTier, others: false);

    public static IEnumerable<object[]> TierNames => Tiers.Supported.Select(tier => new object[] { tier.ToString() });

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(3, 2)]
    [InlineData(8, 2)]
    [InlineData(13, 3)]
    public void Forward_AnyChunkingAndThreadCount_GivesTheSameBits(int chunk, int threadCount)
        => Check(Compute(chunk, threadCount, WeightMatrixFactory.BestTier, others: false));

    [Theory]
    [MemberData(nameof(TierNames))]
    public void Forward_AnyTier_GivesTheSameBits(string tier) => Check(Compute(11, 2, Enum.Parse<KernelTier>(tier), others: false));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Forward_BesideSequencesWithOtherAdaptersAndNone_GivesTheSameBits(int chunk)
        => Check(Compute(chunk, 2, WeightMatrixFactory.BestTier, others: true));

    private static void Check(float[][] logits)
    {
        logits.Should().HaveCount(Length);
        for (int token = 0; token < Length; token++)
        {
            logits[token].AsSpan().SequenceEqual(s_expected[token]).Should().BeTrue("token {0}", token);
        }
    }

    private static float[][] Compute(int chunk, int threadCount, KernelTier tier, bool others)
    {
        using GgufFile file = new TinyLlama().Open();
        using var runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = threadCount });
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        using LlamaWeights weights = new WeightLoader(file, configuration, runtime, tier, null, default).Load();
        using AdapterWeights first = Load(file, configuration, weights, tier, rank: 4, seed: 1), second = Load(file, configuration, weights, tier, rank: 21, seed: 2), third = Load(file, configuration, weights, tier, rank: 3, seed: 3, hasMagnitudes: true);
        AdapterSet both = new([new(first, 0.5f), new(second, 1), new(third, 0.8f)]), one = new([new(second, 0.3f), new(third, 1)]);
        using var state = new InferenceState(configuration, 4 * chunk, chunk, threadCount);
        Attention attention = Attentions.For(configuration, tier);
        using var memory = new KeyValuePool(configuration, attention, 8 * KeyValueCache.ByteSizeFor(configuration, attention, Length));
        KeyValueCache own = Rent(both), alike = Rent(both), other = Rent(one), plain = Rent(AdapterSet.None);
        var transformer = new LlamaTransformer(configuration, weights, attention, runtime.Workers);
        var batch = new Batch(4 * chunk);
        var logits = new List<float[]>();
        for (int start = 0; start < Length; start += chunk)
        {
            batch.Clear();
            for (int position = start; position < Math.Min(start + chunk, Length); position++)
            {
                if (others)
                {
                    batch.Add(position % 50, position, other, wantsLogits: false);
                }

                batch.Add((position * 17 + 3) % TinyLlama.VocabularySize, position, own, wantsLogits: true);
                if (others)
                {
                    batch.Add(49 - position, position, alike, wantsLogits: false);
                    batch.Add(position, position, plain, wantsLogits: false);
                }
            }

            transformer.Forward(batch, state, () => false).Should().BeTrue();
            logits.AddRange(Enumerable.Range(0, batch.LogitsCount).Select(row => state.Logits[row].ToArray()));
        }

        return [.. logits];

        KeyValueCache Rent(AdapterSet adapters) => memory.TryRent([], 0, Length, out _, adapters)!;
    }

    private static AdapterWeights Load(GgufFile model, ModelConfiguration configuration, LlamaWeights weights, KernelTier tier, int rank, int seed, bool hasMagnitudes = false)
    {
        using var folder = new TemporaryFolder();
        var adapter = new RandomAdapter(model, [.. RandomAdapter.Matrices(model), "token_embd.weight"], rank, seed);
        using var file = AdapterFile.Open((hasMagnitudes ? adapter.WithMagnitudes(model, 0.2f) : adapter).Write(folder));
        return new AdapterLoader(file, configuration, weights, tier, CancellationToken.None).Load();
    }
}
