using System.Text.Json;
using System.Text.Json.Nodes;
using Llama2.Extensions.Chat;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

public class ChatRequestOptionsTests
{
    [Fact]
    public void Read_NoOptions_GivesTheDefaults() => Read(null).Should().BeEquivalentTo(new GenerationOptions());

    [Fact]
    public void Read_EmptyOptions_HaveNoLimitOfTokens() => Read(new ChatOptions()).MaxTokens.Should().BeNull();

    [Fact]
    public void Read_EveryProperty_IsHonoured() =>
        Read(new ChatOptions
        {
            Temperature = 0.5f,
            TopP = 0.6f,
            TopK = 7,
            MaxOutputTokens = 8,
            FrequencyPenalty = 0.9f,
            PresencePenalty = 1.1f,
            Seed = -2,
            StopSequences = ["stop", "halt"],
            ResponseFormat = ChatResponseFormat.Text,
        }).Should().BeEquivalentTo(new GenerationOptions
        {
            Temperature = 0.5f,
            TopP = 0.6f,
            TopK = 7,
            MaxTokens = 8,
            FrequencyPenalty = 0.9f,
            PresencePenalty = 1.1f,
            Seed = ulong.MaxValue - 1,
            StopSequences = ["stop", "halt"],
        });

    [Fact]
    public void Read_Penalties_LeaveTheRepetitionPenaltyOff() =>
        Read(new ChatOptions { PresencePenalty = 1.5f, FrequencyPenalty = 0.5f }).RepetitionPenalty.Should().Be(1);

    [Fact]
    public void Read_RawRepresentation_HoldsWhereTheOptionsSayNothing() =>
        Read(new ChatOptions
        {
            RawRepresentationFactory = _ => new GenerationOptions { MinP = 0.3f, Temperature = 0.1f, StopSequences = ["raw"] },
            Temperature = 0.9f,
            StopSequences = ["typed"],
        }).Should().BeEquivalentTo(new GenerationOptions { MinP = 0.3f, Temperature = 0.9f, StopSequences = ["raw", "typed"] });

    [Fact]
    public void Read_RawRepresentationOfAnotherClient_IsLeftAlone() =>
        Read(new ChatOptions { RawRepresentationFactory = _ => "another client's" }).Should().BeEquivalentTo(new GenerationOptions());

    [Fact]
    public void Read_AdditionalProperties_SetWhatChatOptionsLack() =>
        Read(new ChatOptions
        {
            AdditionalProperties = new()
            {
                ["MinP"] = 0.25,
                ["typical_p"] = 0.5f,
                ["repetition_penalty"] = "1.25",
                ["PenaltyWindow"] = 32L,
                ["dynamicTemperatureRange"] = 1,
                ["DynamicTemperatureExponent"] = 2m,
                ["xtc_probability"] = JsonElement.Parse("0.5"),
                ["xtc_threshold"] = 0.25f,
                ["mirostat_tau"] = 5,
                ["mirostat_eta"] = 0.5,
                ["dry_multiplier"] = 0.75f,
                ["dry_base"] = 2,
                ["dry_allowed_length"] = JsonElement.Parse("3"),
                ["dry_window"] = 100,
                ["dry_sequence_breakers"] = new List<string> { "|" },
                ["logit_bias"] = new Dictionary<int, float> { [5] = float.NegativeInfinity },
                ["stop_tokens"] = new[] { 7, 8 },
                ["attention_sink_count"] = 4,
                ["prefix_scope"] = "user 7",
                ["log_probabilities"] = true,
                ["top_log_probability_count"] = 2,
                ["ignore_end_of_sequence"] = JsonElement.Parse("true"),
            },
        }).Should().BeEquivalentTo(new GenerationOptions
        {
            MinP = 0.25f,
            TypicalP = 0.5f,
            RepetitionPenalty = 1.25f,
            PenaltyWindow = 32,
            DynamicTemperatureRange = 1,
            DynamicTemperatureExponent = 2,
            XtcProbability = 0.5f,
            XtcThreshold = 0.25f,
            MirostatTau = 5,
            MirostatEta = 0.5f,
            DryMultiplier = 0.75f,
            DryBase = 2,
            DryAllowedLength = 3,
            DryWindow = 100,
            DrySequenceBreakers = ["|"],
            LogitBias = new Dictionary<int, float> { [5] = float.NegativeInfinity },
            StopTokens = [7, 8],
            AttentionSinkCount = 4,
            PrefixScope = "user 7",
            LogProbabilities = true,
            TopLogProbabilityCount = 2,
            IgnoreEndOfSequence = true,
        });

    // Options that were stored or sent contain JsonElements when they are read again.
    [Fact]
    public void Read_OptionsAfterARoundTripThroughJson_AreTheSame()
    {
        var options = new ChatOptions
        {
            Temperature = 0.5f,
            StopSequences = ["stop"],
            AdditionalProperties = new()
            {
                ["min_p"] = 0.25,
                ["typical_p"] = 1,
                ["repetition_penalty"] = "1.25",
                ["penalty_window"] = 32L,
                ["dry_base"] = 2m,
                ["dry_window"] = 100,
                ["dry_sequence_breakers"] = new List<string> { "|", "," },
                ["logit_bias"] = new Dictionary<string, float> { ["5"] = -100, ["7"] = 0.5f },
                ["stop_tokens"] = new List<int> { 7, 8 },
                ["log_probabilities"] = true,
                ["reuse_prefix"] = false,
                ["prefix_scope"] = "{user 7}",
                ["ignore_end_of_sequence"] = "true",
            },
        };

        ChatOptions stored = JsonSerializer.Deserialize<ChatOptions>(JsonSerializer.Serialize(options, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

        stored.AdditionalProperties!.Values.Should().AllBeOfType<JsonElement>();
        Read(stored).Should().BeEquivalentTo(Read(options)).And.BeEquivalentTo(new GenerationOptions
        {
            Temperature = 0.5f,
            StopSequences = ["stop"],
            MinP = 0.25f,
            TypicalP = 1,
            RepetitionPenalty = 1.25f,
            PenaltyWindow = 32,
            DryBase = 2,
            DryWindow = 100,
            DrySequenceBreakers = ["|", ","],
            LogitBias = new Dictionary<int, float> { [5] = -100, [7] = 0.5f },
            StopTokens = [7, 8],
            LogProbabilities = true,
            ReusePrefix = false,
            PrefixScope = "{user 7}",
            IgnoreEndOfSequence = true,
        });
    }

    public static TheoryData<object> StopTokenLists => new()
    {
        new[] { 7, 8 }, new List<int> { 7, 8 }, new[] { 7L, 8L }, new object[] { 7, "8" }, new[] { 7.0, 8.0 }, new[] { "7", "8" }, "[7, 8]",
        JsonElement.Parse("[7, 8]"), JsonElement.Parse("[7.0, \"8\"]"), JsonElement.Parse("\"7\""), JsonNode.Parse("[7, 8]")!, new[] { JsonElement.Parse("7"), JsonElement.Parse("8") }, 7, "7",
    };

    [Theory]
    [MemberData(nameof(StopTokenLists))]
    public void Read_StopTokensOfEveryType_AreIds(object value) =>
        Read(new ChatOptions { AdditionalProperties = new() { ["stop_tokens"] = value } }).StopTokens.Should().Equal(
            value is 7 or "7" or JsonElement { ValueKind: JsonValueKind.String } ? [7] : new[] { 7, 8 });

    // A float or double is converted to exactly the integer that it represents.
    public static TheoryData<object, int> WholeNumbers => new()
    {
        { 16777216f, 16777216 }, { 16777218f, 16777218 }, { 2147483520f, 2147483520 }, { 2147483647.0, int.MaxValue }, { 16777216m, 16777216 },
    };

    [Theory]
    [MemberData(nameof(WholeNumbers))]
    public void Read_StopTokenOfManyDigits_IsNotRounded(object value, int token) =>
        Read(new ChatOptions { AdditionalProperties = new() { ["stop_tokens"] = value } }).StopTokens.Should().Equal(token);

    [Theory]
    [InlineData(7.5f)]
    [InlineData(1234567.0000000002)]
    [InlineData(2147483648f)]
    [InlineData(float.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Read_StopTokenThatIsNoWholeNumber_IsAnErrorThatNamesTheProperty(object value) =>
        Reading(new ChatOptions { AdditionalProperties = new() { ["stop_tokens"] = value } })
            .Should().Throw<ArgumentException>().WithMessage("ChatOptions.AdditionalProperties[\"stop_tokens\"]*");

    [Theory]
    [InlineData("[", "[")]
    [InlineData("{", "{")]
    [InlineData("{}", "{}")]
    [InlineData("[INST]", "[INST]")]
    [InlineData(" [x", " [x")]
    [InlineData("[\"[\", \"{\"]", "[", "{")]
    public void Read_DrySequenceBreakersThatBeginAsJsonDoes_AreTextUnlessTheyAreAList(string value, params string[] breakers) =>
        Read(new ChatOptions { AdditionalProperties = new() { ["dry_sequence_breakers"] = value } }).DrySequenceBreakers.Should().Equal(breakers);

    [Theory]
    [InlineData("stop_tokens", "[7, ")]
    [InlineData("stop_tokens", "{}")]
    [InlineData("logit_bias", "{ 5: 1")]
    [InlineData("logit_bias", "[1]")]
    [InlineData("min_p", "[0.5]")]
    [InlineData("penalty_window", "{")]
    public void Read_TextThatBeginsAsJsonDoesAndDoesNotFit_IsAnErrorThatNamesTheProperty(string name, string value) =>
        Reading(new ChatOptions { AdditionalProperties = new() { [name] = value } })
            .Should().Throw<ArgumentException>().WithMessage($"ChatOptions.AdditionalProperties[\"{name}\"]*String*");

    public static TheoryData<object> Biases => new()
    {
        new Dictionary<int, float> { [5] = -1.5f, [7] = 2 }, new Dictionary<int, double> { [5] = -1.5, [7] = 2 }, new Dictionary<long, int> { [5] = -1, [7] = 2 },
        new Dictionary<string, object?> { ["5"] = "-1.5", ["7"] = 2 }, new AdditionalPropertiesDictionary { ["5"] = -1.5, ["7"] = 2L }, new SortedDictionary<int, float> { [5] = -1.5f, [7] = 2 },
        JsonElement.Parse("""{ "5": -1.5, "7": 2 }"""), JsonElement.Parse("""{ "5": "-1.5", "7": 2.0 }"""), JsonNode.Parse("""{ "5": -1.5, "7": 2 }""")!, """{ "5": -1.5, "7": 2 }""",
    };

    [Theory]
    [MemberData(nameof(Biases))]
    public void Read_LogitBiasOfEveryType_IsADictionaryOfIds(object value) =>
        Read(new ChatOptions { AdditionalProperties = new() { ["logit_bias"] = value } }).LogitBias
            .Should().BeEquivalentTo(new Dictionary<int, float> { [5] = value is Dictionary<long, int> ? -1 : -1.5f, [7] = 2 });

    [Fact]
    public void Read_LogitBiasThatBans_IsSpelledInJson() =>
        Read(new ChatOptions { AdditionalProperties = new() { ["logit_bias"] = JsonElement.Parse("""{ "5": "-Infinity" }""") } }).LogitBias[5].Should().Be(float.NegativeInfinity);

    [Theory]
    [InlineData("stop_tokens", "[7, \"x\"]")]
    [InlineData("stop_tokens", "[7.5]")]
    [InlineData("stop_tokens", "[[7]]")]
    [InlineData("stop_tokens", "[null]")]
    [InlineData("stop_tokens", "{}")]
    [InlineData("stop_tokens", "[99999999999]")]
    [InlineData("logit_bias", "[1]")]
    [InlineData("logit_bias", "{ \"x\": 1 }")]
    [InlineData("logit_bias", "{ \"5\": null }")]
    [InlineData("logit_bias", "{ \"5\": [] }")]
    [InlineData("dry_sequence_breakers", "[1]")]
    [InlineData("min_p", "{}")]
    [InlineData("min_p", "true")]
    [InlineData("penalty_window", "1.5")]
    [InlineData("log_probabilities", "1")]
    public void Read_JsonThatDoesNotFit_IsAnErrorThatNamesTheProperty(string name, string json) =>
        Reading(new ChatOptions { AdditionalProperties = new() { [name] = JsonElement.Parse(json) } })
            .Should().Throw<ArgumentException>().WithMessage($"ChatOptions.AdditionalProperties[\"{name}\"]*JsonElement of the kind*");

    // Every property of GenerationOptions can be set through ChatOptions, by a property of ChatOptions or by name. The exceptions are the number of
    // public tokens, which the session determines, and speculation, which changes no text and is an option of the model.
    [Fact]
    public void AdditionalOptions_AndChatOptions_NameEveryPropertyOfGenerationOptions()
    {
        string[] typed = ["Temperature", "TopP", "TopK", "MaxTokens", "FrequencyPenalty", "PresencePenalty", "Seed", "StopSequences"];

        typeof(GenerationOptions).GetProperties().Select(property => property.Name).Where(name => name != "EqualityContract")
            .Should().BeSubsetOf(typed.Concat(AdditionalOptions.Names).Append(nameof(GenerationOptions.PublicPrefixTokenCount)).Append(nameof(GenerationOptions.Speculation)));
        AdditionalOptions.Names.Should().NotContain(nameof(GenerationOptions.PublicPrefixTokenCount));
    }

    [Fact]
    public void Read_LogitProcessors_AreTakenAsTheyAreAndNothingElse()
    {
        LogitProcessorStep[] steps = [new(_ => null!, LogitProcessorPlace.BeforeDraw)];

        Read(new ChatOptions { AdditionalProperties = new() { ["LogitProcessors"] = steps } }).LogitProcessors.Should().Equal(steps);
        FluentActions.Invoking(() => Read(new ChatOptions { AdditionalProperties = new() { ["LogitProcessors"] = "EndSooner" } })).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Read_AdditionalPropertiesOfOthers_AreLeftAlone() =>
        Read(new ChatOptions { AdditionalProperties = new() { ["stream_options"] = new object(), ["MinP"] = null } })
            .Should().BeEquivalentTo(new GenerationOptions());

    [Fact]
    public void Read_Constraint_IsTakenAsItIsOrMadeOfAGrammar()
    {
        var constraint = OutputConstraint.Json();

        Read(new ChatOptions { AdditionalProperties = new() { ["constraint"] = constraint } }).Constraint.Should().BeSameAs(constraint);
        Read(new ChatOptions { AdditionalProperties = new() { ["grammar"] = "root ::= \"a\"" } }).Constraint!.Kind.Should().Be("grammar");
        Reading(new ChatOptions { AdditionalProperties = new() { ["constraint"] = "root" } }).Should().Throw<ArgumentException>().WithMessage("*\"constraint\"*");
        Reading(new ChatOptions { AdditionalProperties = new() { ["grammar"] = 3 } }).Should().Throw<ArgumentException>().WithMessage("*\"grammar\"*");
        Reading(new ChatOptions { AdditionalProperties = new() { ["grammar"] = "root" } }).Should().Throw<OutputConstraintException>();
    }

    [Theory]
    [InlineData("MinP", "much")]
    [InlineData("dry_window", 1e20)]
    [InlineData("LogitBias", 3)]
    [InlineData("prefix_scope", 3)]
    public void Read_AdditionalPropertyOfAnotherType_IsAnErrorThatNamesIt(string name, object value) =>
        Reading(new ChatOptions { AdditionalProperties = new() { [name] = value } })
            .Should().Throw<ArgumentException>().WithMessage($"ChatOptions.AdditionalProperties[\"{name}\"]*{value.GetType().Name}*");

    [Fact]
    public void Read_AdditionalPropertyOutOfRange_IsAnErrorThatNamesIt() =>
        Reading(new ChatOptions { AdditionalProperties = new() { ["min_p"] = 2 } }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("MinP is 2*");

    [Fact]
    public void Read_ValuesOutOfRange_AreErrorsThatNameTheProperty()
    {
        Reading(new ChatOptions { MaxOutputTokens = 0 }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*MaxOutputTokens*");
        Reading(new ChatOptions { Temperature = -1 }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Temperature*");
        Reading(new ChatOptions { TopP = 2 }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*TopP*");
        Reading(new ChatOptions { StopSequences = [""] }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*StopSequences*");
    }

    [Fact]
    public void Read_ToolsThatMayNotBeCalled_AreLeftAlone()
    {
        AITool tool = AIFunctionFactory.Create(() => 42, "Answer");
        Read(new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.None }).Should().BeEquivalentTo(new GenerationOptions());
        Read(new ChatOptions { Tools = [], ToolMode = ChatToolMode.Auto }).Should().BeEquivalentTo(new GenerationOptions());
    }

    private static GenerationOptions Read(ChatOptions? options) => ChatRequestOptions.Read(options, null!, new AdapterSelection(new Dictionary<string, LlamaAdapterUse>()), new ConstraintCache());

    private static Action Reading(ChatOptions options) => () => Read(options);
}
