using Llama2.Formats;
using Llama2.Generation;
using Llama2.Quantization;
using Llama2.Tensors;

namespace Llama2.Tests.Generation;

public class WarmUpTests
{
    // A short prompt, one token, and enough tokens for the kernels of long prompts.
    private const int TokenCount = 8 + 1 + 72;

    public static TheoryData<string, string> Tiers
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (KernelTier tier in WeightMatrixFactory.SupportedTiers)
            {
                foreach (KeyValueCacheType cacheType in Enum.GetValues<KeyValueCacheType>())
                {
                    data.Add(tier.ToString(), cacheType.ToString());
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void Run_EveryFormat_ComputesFiniteLogits(string tier, string cacheType)
    {
        // The sampler refuses logits that are not finite.
        WarmUp.Run([.. AllTypes().Select(Matrix)], Configuration(groupSize: 4), Enum.Parse<KernelTier>(tier), Enum.Parse<KeyValueCacheType>(cacheType))
            .Should().Be(TokenCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Run_AnyGrouping_Computes(int groupSize)
    {
        WarmUp.Run([Matrix(GgmlType.Q4_0)], Configuration(groupSize), WeightMatrixFactory.BestTier, null).Should().Be(TokenCount);
    }

    [Fact]
    public void Run_NoMatrixOfASupportedType_Ends()
    {
        WarmUp.Run([], Configuration(1), WeightMatrixFactory.BestTier, null).Should().Be(0);
    }

    [Fact]
    public void Run_UnsupportedType_LeavesItOut()
    {
        GgmlType unsupported = Enum.GetValues<GgmlType>().First(type => !WeightFormats.IsSupported(type));
        WarmUp.Run([Matrix(unsupported), Matrix(GgmlType.Q8_0)], Configuration(1), WeightMatrixFactory.BestTier, null).Should().Be(TokenCount);
    }

    private static IEnumerable<GgmlType> AllTypes() => Enum.GetValues<GgmlType>().Where(WeightFormats.IsSupported);

    private static TensorDescription Matrix(GgmlType type) => new($"blk.{(int)type}.attn_q.weight", type, [256, 256], 0, 0);

    private static ModelConfiguration Configuration(int groupSize) => new()
    {
        Architecture = "llama",
        Name = "any",
        ContextLength = 128,
        EmbeddingLength = 1024,
        LayerCount = 1,
        HeadCount = 8,
        KeyValueHeadCount = 8 / groupSize,
        FeedForwardLength = 1024,
        VocabularySize = 100,
        RmsNormEpsilon = 1e-5f,
        // The warm-up must ignore this value.
        RopeTheta = float.NaN,
    };
}
