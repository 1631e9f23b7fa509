using System.Runtime.InteropServices;
using Llama2.Formats.Gguf;
using Llama2.Tests.Formats;
using Llama2.Tests.Formats.Gguf;

namespace Llama2.Tests;

public class LlamaModelRopeScalingTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private const int TrainedLength = 1024;
    private const int TinyLength = 16;
    private static readonly int[] s_tokens = [1, .. Enumerable.Range(3, 39)];

    public static TheoryData<string, float> Scalings => new()
    {
        { "Linear", 2 },
        { "NtkAware", 2 },
        { "Yarn", 2 },
        { "Yarn", 4 },
    };

    [Theory]
    [InlineData("None")]
    [InlineData("Linear")]
    [InlineData("NtkAware")]
    [InlineData("Yarn")]
    public async Task ComputeLogits_FactorOfOne_EqualsNoScalingBitForBit(string type)
    {
        using LlamaModel scaled = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { RopeScaling = Create(type, 1) });

        (await scaled.ComputeLogitsAsync(s_tokens)).Should().Equal(await demonstration.Model.ComputeLogitsAsync(s_tokens));
    }

    [Theory]
    [MemberData(nameof(Scalings))]
    public async Task ComputeLogits_Scaled_DiffersFromUnscaledBeyondTheFirstToken(string type, float factor)
    {
        using LlamaModel scaled = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { RopeScaling = Create(type, factor) });
        int vocabulary = scaled.Configuration.VocabularySize;

        float[] actual = await scaled.ComputeLogitsAsync(s_tokens), expected = await demonstration.Model.ComputeLogitsAsync(s_tokens);

        // A single token attends only to itself, whatever its position.
        actual[..vocabulary].Should().Equal(expected[..vocabulary]);
        actual[vocabulary..].Should().NotEqual(expected[vocabulary..]);
        scaled.ContextLength.Should().Be(TrainedLength, "a longer context is asked for by its own option");
        scaled.Configuration.RopeScaling.Should().Be(Create(type, factor));
    }

    [Theory]
    [MemberData(nameof(Scalings))]
    public async Task Generate_BeyondTheTrainedLength_FillsTheLongerContext(string type, float factor)
    {
        int length = (int)(TinyLength * factor);
        using LlamaModel model = LoadTiny(TinyModel.Describe(), new LlamaModelOptions { RopeScaling = Create(type, factor), ContextLength = length });

        GenerationResult result = await model.GenerateTextAsync("abc", new GenerationOptions { IgnoreEndOfSequence = true });

        result.FinishReason.Should().Be(FinishReason.ContextLength);
        (result.Usage.PromptTokenCount + result.Usage.GeneratedTokenCount).Should().Be(length);
        float[] logits = await model.ComputeLogitsAsync(Enumerable.Range(0, length).Select(i => i % TinyModel.Pieces.Length).ToArray());
        logits.Should().HaveCount(length * TinyModel.Pieces.Length).And.OnlyContain(logit => float.IsFinite(logit));
    }

    [Theory]
    [InlineData("Linear")]
    [InlineData("Yarn")]
    public async Task Load_ScalingByHand_EqualsTheSameInTheFile(string type)
    {
        RopeScaling scaling = Create(type, 4);
        GgufBuilder scaled = TinyModel.Describe().Add("llama.rope.scaling.type", type.ToLowerInvariant()).Add("llama.rope.scaling.factor", 4f);
        using LlamaModel byFile = LoadTiny(scaled, new LlamaModelOptions());
        using LlamaModel byHand = LoadTiny(TinyModel.Describe(), new LlamaModelOptions { RopeScaling = scaling });
        using LlamaModel unscaled = LoadTiny(TinyModel.Describe(), new LlamaModelOptions());
        using LlamaModel overridden = LoadTiny(scaled, new LlamaModelOptions { RopeScaling = RopeScaling.None });

        float[] logits = await Logits(byFile);

        logits.Should().Equal(await Logits(byHand)).And.NotEqual(await Logits(unscaled));
        (await Logits(overridden)).Should().Equal(await Logits(unscaled));
        byFile.Configuration.RopeScaling.Should().Be(scaling);
    }

    // Dividing every frequency by 2 is the same as linear scaling by 2, and both divisions are exact.
    [Fact]
    public async Task Load_FrequencyFactorsInTheFile_AreAppliedAndStayWithAScalingByHand()
    {
        GgufBuilder WithFactors(float factor) => TinyModel.Describe().AddTensor(
            "rope_freqs.weight", GgmlType.F32, [8], MemoryMarshal.AsBytes(Enumerable.Repeat(factor, 8).ToArray().AsSpan()).ToArray());
        using LlamaModel divided = LoadTiny(WithFactors(2), new LlamaModelOptions());
        using LlamaModel undivided = LoadTiny(WithFactors(1), new LlamaModelOptions());
        using LlamaModel both = LoadTiny(WithFactors(2), new LlamaModelOptions { RopeScaling = RopeScaling.Linear(4) });
        using LlamaModel plain = LoadTiny(TinyModel.Describe(), new LlamaModelOptions());
        using LlamaModel linear2 = LoadTiny(TinyModel.Describe(), new LlamaModelOptions { RopeScaling = RopeScaling.Linear(2) });
        using LlamaModel linear8 = LoadTiny(TinyModel.Describe(), new LlamaModelOptions { RopeScaling = RopeScaling.Linear(8) });

        (await Logits(divided)).Should().Equal(await Logits(linear2)).And.NotEqual(await Logits(plain));
        (await Logits(undivided)).Should().Equal(await Logits(plain));
        (await Logits(both)).Should().Equal(await Logits(linear8));
    }

    private static Task<float[]> Logits(LlamaModel model) => model.ComputeLogitsAsync(new[] { 1, 4, 5, 6, 7, 8, 9, 10, 11, 4 });

    private static RopeScaling Create(string type, float factor) => Enum.Parse<RopeScalingType>(type) switch
    {
        RopeScalingType.Linear => RopeScaling.Linear(factor),
        RopeScalingType.NtkAware => RopeScaling.NtkAware(factor),
        RopeScalingType.Yarn => RopeScaling.Yarn(factor),
        _ => RopeScaling.None,
    };

    private static LlamaModel LoadTiny(GgufBuilder builder, LlamaModelOptions options)
        => LlamaModel.Load(GgufFile.Open(new MemoryByteSource(builder.Build())), options, progress: null, CancellationToken.None);
}
