namespace Llama2.Tests.Generation;

public class GenerationOptionsTests
{
    public static TheoryData<string, object, Func<GenerationOptions>> OutOfRange => new()
    {
        { "MaxTokens", 0, () => new() { MaxTokens = 0 } },
        { "PrefixScope", 0, () => new() { PrefixScope = "" } },
        { "PrefixScope", 257, () => new() { PrefixScope = new string('x', 257) } },
        { "PublicPrefixTokenCount", -1, () => new() { PublicPrefixTokenCount = -1 } },
        { "Temperature", -0.1f, () => new() { Temperature = -0.1f } },
        { "Temperature", 100.1f, () => new() { Temperature = 100.1f } },
        { "Temperature", float.NaN, () => new() { Temperature = float.NaN } },
        { "DynamicTemperatureRange", -0.1f, () => new() { DynamicTemperatureRange = -0.1f } },
        { "DynamicTemperatureRange", float.NaN, () => new() { DynamicTemperatureRange = float.NaN } },
        { "DynamicTemperatureExponent", 101f, () => new() { DynamicTemperatureExponent = 101f } },
        { "DynamicTemperatureExponent", float.NaN, () => new() { DynamicTemperatureExponent = float.NaN } },
        { "XtcProbability", 1.1f, () => new() { XtcProbability = 1.1f } },
        { "XtcProbability", float.NaN, () => new() { XtcProbability = float.NaN } },
        { "XtcThreshold", -0.1f, () => new() { XtcThreshold = -0.1f } },
        { "XtcThreshold", float.NaN, () => new() { XtcThreshold = float.NaN } },
        { "MirostatTau", -1f, () => new() { MirostatTau = -1 } },
        { "MirostatTau", float.PositiveInfinity, () => new() { MirostatTau = float.PositiveInfinity } },
        { "MirostatTau", float.NaN, () => new() { MirostatTau = float.NaN } },
        { "MirostatEta", 1.1f, () => new() { MirostatEta = 1.1f } },
        { "MirostatEta", float.NaN, () => new() { MirostatEta = float.NaN } },
        { "DryMultiplier", -0.1f, () => new() { DryMultiplier = -0.1f } },
        { "DryMultiplier", float.NaN, () => new() { DryMultiplier = float.NaN } },
        { "DryBase", 0.9f, () => new() { DryBase = 0.9f } },
        { "DryBase", float.PositiveInfinity, () => new() { DryBase = float.PositiveInfinity } },
        { "DryBase", float.NaN, () => new() { DryBase = float.NaN } },
        { "DryAllowedLength", 0, () => new() { DryAllowedLength = 0 } },
        { "DryWindow", -1, () => new() { DryWindow = -1 } },
        { "DrySequenceBreakers", 65, () => new() { DrySequenceBreakers = Enumerable.Repeat("x", 65).ToArray() } },
        { "DrySequenceBreakers", 10_000_000, () => new() { DrySequenceBreakers = new string[10_000_000] } },
        { "DrySequenceBreakers", 0, () => new() { DrySequenceBreakers = ["x", ""] } },
        { "DrySequenceBreakers", 41, () => new() { DrySequenceBreakers = [new string('x', 41)] } },
        { "TopLogProbabilityCount", -1, () => new() { TopLogProbabilityCount = -1 } },
        { "TopLogProbabilityCount", 21, () => new() { TopLogProbabilityCount = 21 } },
        { "TopK", -1, () => new() { TopK = -1 } },
        { "TopP", -0.1f, () => new() { TopP = -0.1f } },
        { "TopP", 1.1f, () => new() { TopP = 1.1f } },
        { "TopP", float.NaN, () => new() { TopP = float.NaN } },
        { "MinP", -0.1f, () => new() { MinP = -0.1f } },
        { "MinP", float.PositiveInfinity, () => new() { MinP = float.PositiveInfinity } },
        { "TypicalP", 1.5f, () => new() { TypicalP = 1.5f } },
        { "RepetitionPenalty", 0f, () => new() { RepetitionPenalty = 0f } },
        { "RepetitionPenalty", 101f, () => new() { RepetitionPenalty = 101f } },
        { "FrequencyPenalty", -2.1f, () => new() { FrequencyPenalty = -2.1f } },
        { "FrequencyPenalty", 2.1f, () => new() { FrequencyPenalty = 2.1f } },
        { "PresencePenalty", -2.1f, () => new() { PresencePenalty = -2.1f } },
        { "PresencePenalty", 2.1f, () => new() { PresencePenalty = 2.1f } },
        { "PenaltyWindow", -1, () => new() { PenaltyWindow = -1 } },
        { "LogitBias", -1, () => new() { LogitBias = new Dictionary<int, float> { [-1] = 1 } } },
        { "LogitBias", float.NaN, () => new() { LogitBias = new Dictionary<int, float> { [3] = float.NaN } } },
        { "LogitBias", float.PositiveInfinity, () => new() { LogitBias = new Dictionary<int, float> { [3] = float.PositiveInfinity } } },
        { "StopSequences", 65, () => new() { StopSequences = Enumerable.Repeat("x", 65).ToArray() } },
        { "StopSequences", 0, () => new() { StopSequences = ["x", ""] } },
        { "StopSequences", 1025, () => new() { StopSequences = [new string('x', 1025)] } },
    };

    [Fact]
    public void Defaults_AreThoseOfLlamaCppWithoutATokenLimit()
    {
        var options = new GenerationOptions();

        options.MaxTokens.Should().BeNull();
        options.Temperature.Should().Be(0.8f);
        options.TopK.Should().Be(40);
        options.TopP.Should().Be(0.95f);
        options.MinP.Should().Be(0.05f);
        options.TypicalP.Should().Be(1f);
        options.RepetitionPenalty.Should().Be(1f);
        options.FrequencyPenalty.Should().Be(0f);
        options.PresencePenalty.Should().Be(0f);
        options.PenaltyWindow.Should().Be(64);
        options.LogitBias.Should().BeEmpty();
        options.Seed.Should().BeNull();
        options.StopSequences.Should().BeEmpty();
        options.LogProbabilities.Should().BeFalse();
        options.TopLogProbabilityCount.Should().Be(0);
        options.DynamicTemperatureRange.Should().Be(0f);
        options.DynamicTemperatureExponent.Should().Be(1f);
        options.XtcProbability.Should().Be(0f);
        options.XtcThreshold.Should().Be(0.1f);
        options.MirostatTau.Should().Be(0f);
        options.MirostatEta.Should().Be(0.1f);
        options.DryMultiplier.Should().Be(0f);
        options.DryBase.Should().Be(1.75f);
        options.DryAllowedLength.Should().Be(2);
        options.DryWindow.Should().BeNull();
        options.DrySequenceBreakers.Should().Equal("\n", ":", "\"", "*");
        options.IgnoreEndOfSequence.Should().BeFalse();
        options.Should().Be(new GenerationOptions());
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Init_ValueOutOfRange_ThrowsNamingPropertyAndValue(string property, object value, Func<GenerationOptions> create)
    {
        ArgumentOutOfRangeException thrown = create.Should().Throw<ArgumentOutOfRangeException>().Which;

        thrown.ParamName.Should().Be(property);
        thrown.ActualValue.Should().Be(value);
        thrown.Message.Should().Contain(property);
    }

    [Fact]
    public void ToString_WithAScope_HasAllPropertiesButItsName()
    {
        string text = new GenerationOptions { PrefixScope = "Grace's own", TopK = 17 }.ToString();

        text.Should().StartWith("GenerationOptions { Adapters = ").And.Contain(", MaxTokens = ").And.Contain("TopK = 17").And.NotContain("Grace");
        new EmbeddingOptions { PrefixScope = "Grace's own" }.ToString().Should().StartWith("EmbeddingOptions { ").And.Contain("Pooling = Mean").And.NotContain("Grace");
    }

    [Fact]
    public void PrefixScope_OutOfRange_IsNotRepeatedInTheMessage()
    {
        Action create = () => _ = new GenerationOptions { PrefixScope = new string('q', 300) };
        create.Should().Throw<ArgumentOutOfRangeException>().Which.Message.Should().NotContain("qq").And.Contain("PrefixScope has 300 characters; it must have 1 to 256");
    }

    [Fact]
    public void Init_ValueOutOfRange_NamesTheRange()
    {
        Action create = () => _ = new GenerationOptions { TopP = 1.5f };

        create.Should().Throw<ArgumentOutOfRangeException>().WithMessage("TopP is 1.5; it must be from 0 to 1.*");
    }

    [Fact]
    public void Init_EndsOfTheRanges_AreAccepted()
    {
        Action create = () =>
        {
            _ = new GenerationOptions
            {
                MaxTokens = 1,
                Temperature = 0,
                TopK = 0,
                TopP = 0,
                MinP = 0,
                TypicalP = 0,
                RepetitionPenalty = 0.01f,
                FrequencyPenalty = -2,
                PresencePenalty = -2,
                PenaltyWindow = 0,
                Seed = 0,
                LogitBias = new Dictionary<int, float> { [0] = float.NegativeInfinity },
                StopSequences = ["x"],
                DynamicTemperatureRange = 0,
                DynamicTemperatureExponent = 0,
                XtcProbability = 0,
                XtcThreshold = 0,
                MirostatTau = 0,
                MirostatEta = 0,
                DryMultiplier = 0,
                DryBase = 1,
                DryAllowedLength = 1,
                DryWindow = 0,
                DrySequenceBreakers = [],
                TopLogProbabilityCount = 0,
            };
            _ = new GenerationOptions
            {
                MaxTokens = int.MaxValue,
                Temperature = 100,
                TopK = int.MaxValue,
                TopP = 1,
                MinP = 1,
                TypicalP = 1,
                RepetitionPenalty = 100,
                FrequencyPenalty = 2,
                PresencePenalty = 2,
                PenaltyWindow = int.MaxValue,
                Seed = ulong.MaxValue,
                LogitBias = new Dictionary<int, float> { [0] = float.MaxValue },
                StopSequences = Enumerable.Repeat(new string('x', 1024), 64).ToArray(),
                DynamicTemperatureRange = 100,
                DynamicTemperatureExponent = 100,
                XtcProbability = 1,
                XtcThreshold = 1,
                MirostatTau = 100,
                MirostatEta = 1,
                DryMultiplier = 100,
                DryBase = 100,
                DryAllowedLength = int.MaxValue,
                DryWindow = int.MaxValue,
                DrySequenceBreakers = Enumerable.Repeat(new string('x', 40), 64).ToArray(),
                TopLogProbabilityCount = 20,
            };
        };

        create.Should().NotThrow();
    }

    [Fact]
    public void Init_NullCollections_ThrowArgumentNullException()
    {
        ((Action)(() => _ = new GenerationOptions { LogitBias = null! })).Should().Throw<ArgumentNullException>().WithParameterName("LogitBias");
        ((Action)(() => _ = new GenerationOptions { StopSequences = null! })).Should().Throw<ArgumentNullException>().WithParameterName("StopSequences");
        ((Action)(() => _ = new GenerationOptions { StopSequences = ["x", null!] })).Should().Throw<ArgumentNullException>()
            .WithParameterName("StopSequences[1]");
        ((Action)(() => _ = new GenerationOptions { DrySequenceBreakers = null! })).Should().Throw<ArgumentNullException>()
            .WithParameterName("DrySequenceBreakers");
    }

    [Fact]
    public void Init_CollectionsChangedLater_OptionsStayAsTheyWere()
    {
        var bias = new Dictionary<int, float> { [1] = 2 };
        var stops = new List<string> { "x" };
        var options = new GenerationOptions { LogitBias = bias, StopSequences = stops };

        bias[1] = float.NaN;
        stops[0] = "";

        options.LogitBias[1].Should().Be(2);
        options.StopSequences.Should().Equal("x");
    }

    [Fact]
    public void With_ChecksTheChangedProperty()
    {
        var options = new GenerationOptions { TopK = 3 };

        (options with { TopP = 0.5f }).TopK.Should().Be(3);
        ((Action)(() => _ = options with { TopP = 2 })).Should().Throw<ArgumentOutOfRangeException>();
    }
}
