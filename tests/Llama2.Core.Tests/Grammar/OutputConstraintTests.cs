using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Llama2.Tests.Grammar;

public class OutputConstraintTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private const string Person =
        """
        {
          "type": "object",
          "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": 12 },
            "age": { "type": "integer", "minimum": 0, "maximum": 130 },
            "likes": { "type": "array", "items": { "enum": ["cats", "dogs", "\"birds\""] }, "maxItems": 3 }
          },
          "required": ["name", "age", "likes"],
          "additionalProperties": false
        }
        """;

    private readonly LlamaModel _model = demonstration.Model;

    [Fact]
    public async Task JsonSchema_IsFollowedByEverySamplerAtEveryLimit()
    {
        OutputConstraint constraint = OutputConstraint.JsonSchema(Person);
        int minimum = constraint.FindMinTokenCount(_model.Tokenizer);
        GenerationOptions[] samplers =
        [
            new() { Temperature = 0 }, new() { Temperature = 1.5f, TopK = 0, TopP = 1, MinP = 0 }, new() { MirostatTau = 5 }, new() { RepetitionPenalty = 1.3f, DryMultiplier = 1 },
            new() { XtcProbability = 0.5f }, new() { Temperature = 2, LogProbabilities = true, TopLogProbabilityCount = 3 }, new() { TypicalP = 0.5f, DynamicTemperatureRange = 0.5f },
        ];
        for (int seed = 0; seed < 70; seed++)
        {
            GenerationOptions options = samplers[seed % samplers.Length] with { Constraint = constraint, Seed = (ulong)seed, MaxTokens = minimum + (seed * 2) };

            GenerationResult result = await Complete("Once upon a time", options);

            using JsonDocument document = JsonDocument.Parse(result.Text);
            JsonElement root = document.RootElement;
            root.EnumerateObject().Select(property => property.Name).Should().Equal("name", "age", "likes");
            root.GetProperty("name").GetString()!.EnumerateRunes().Count().Should().BeInRange(1, 12);
            root.GetProperty("age").GetInt32().Should().BeInRange(0, 130);
            root.GetProperty("likes").EnumerateArray().Select(item => item.GetString()).Should().BeSubsetOf(["cats", "dogs", "\"birds\""]);
            root.GetProperty("likes").GetArrayLength().Should().BeLessThanOrEqualTo(3);
            result.Usage.GeneratedTokenCount.Should().BeLessThanOrEqualTo(options.MaxTokens!.Value);
        }
    }

    [Fact]
    public async Task JsonSchema_TheExampleOfTheDocumentation_AnswersInItsForm()
    {
        ILlamaModel model = _model;

        OutputConstraint constraint = OutputConstraint.JsonSchema(
            """
            {
              "type": "object",
              "properties": {
                "animal": { "enum": ["cow", "duck", "bear"] },
                "legs": { "type": "integer", "minimum": 0, "maximum": 8 }
              },
              "required": ["animal", "legs"],
              "additionalProperties": false
            }
            """);
        var options = new GenerationOptions { Constraint = constraint, MaxTokens = 60 };
        GenerationResult result = await model.GenerateAsync("[INST] Which animal says moo? [/INST]", options).ToResultAsync();

        // -0 is an integer in JSON, and not less than 0.
        result.Text.Should().MatchRegex("""^\{"animal": "(cow|duck|bear)", "legs": (-?0|[1-8])\}$""");
    }

    [Fact]
    public async Task Json_IsWholeAtEveryLimit()
    {
        OutputConstraint constraint = OutputConstraint.Json();
        for (int limit = 1; limit <= 60; limit++)
        {
            GenerationResult result = await Complete("{", new GenerationOptions { Constraint = constraint, Temperature = 2, TopK = 0, TopP = 1, MinP = 0, Seed = (ulong)limit, MaxTokens = limit });

            result.Text.Should().Match(text => IsJson(text), "of {0} tokens", limit);
            result.Usage.GeneratedTokenCount.Should().BeLessThanOrEqualTo(limit);
        }
    }

    [Theory]
    [InlineData(JsonWhiteSpace.Spaced, "[1, 2]", "[1,2]")]
    [InlineData(JsonWhiteSpace.Compact, "[1,2]", "[1, 2]")]
    [InlineData(JsonWhiteSpace.Flexible, "[1,\n 2]", "[1;2]")]
    public void Json_WhiteSpace(JsonWhiteSpace whiteSpace, string allowed, string refused)
    {
        OutputConstraint constraint = OutputConstraint.Json(whiteSpace);

        Matches(constraint, allowed).Should().BeTrue();
        Matches(constraint, refused).Should().BeFalse();
    }

    [Fact]
    public async Task Choice_IsOneOfThem()
    {
        string[] choices = ["yes", "no", "I do not know", "naïve"];
        OutputConstraint constraint = OutputConstraint.Choice(choices);
        for (ulong seed = 0; seed < 20; seed++)
        {
            GenerationResult result = await Complete("Is it?", new GenerationOptions { Constraint = constraint, Temperature = 3, Seed = seed, MaxTokens = constraint.FindMinTokenCount(_model.Tokenizer) + (int)seed });

            result.Text.Should().BeOneOf(choices);
        }
    }

    [Fact]
    public async Task Regex_MatchesTheWholeText()
    {
        OutputConstraint constraint = OutputConstraint.Regex(@"\d{3}-[a-f]{2,4}(!|\?)?");
        for (ulong seed = 0; seed < 20; seed++)
        {
            GenerationResult result = await Complete("Code", new GenerationOptions { Constraint = constraint, Temperature = 2, Seed = seed, MaxTokens = 30 });

            result.Text.Should().MatchRegex(new Regex(@"\A\d{3}-[a-f]{2,4}(!|\?)?\z"));
        }
    }

    [Fact]
    public async Task SixtyFourSessions_EachWithItsOwnSchema_GetTheTokensOfOneAlone()
    {
        Task<(int[] Tokens, string Text)> Run(int session) => Tokens(session, new GenerationOptions
        {
            Constraint = OutputConstraint.JsonSchema($$$"""{"type": "object", "properties": {"key{{{session}}}": {"type": "string", "maxLength": {{{session + 1}}} }, "n": {"type": "integer"}}, "required": ["key{{{session}}}", "n"], "additionalProperties": false}"""),
            Seed = (ulong)session,
            MaxTokens = 60,
        });
        var alone = new List<(int[] Tokens, string Text)>();
        for (int session = 0; session < 64; session++)
            alone.Add(await Run(session));

        (int[] Tokens, string Text)[] together = await Task.WhenAll(Enumerable.Range(0, 64).Select(session => Task.Run(() => Run(session))));

        for (int session = 0; session < 64; session++)
        {
            together[session].Tokens.Should().Equal(alone[session].Tokens);
            IsJson(together[session].Text).Should().BeTrue();
        }
    }

    [Fact]
    public async Task ForcedText_IsNotSampled()
    {
        OutputConstraint constraint = OutputConstraint.JsonSchema(
            """{"type": "object", "properties": {"the first long name": {"const": 1}, "the second long name": {"const": 2}}, "required": ["the first long name", "the second long name"], "additionalProperties": false}""");
        var counter = new Counter();

        GenerationResult result = await Complete(
            "Tell", new GenerationOptions { Constraint = constraint, Temperature = 0, LogitProcessors = [new LogitProcessorStep(_ => counter)] });

        result.Text.Should().Be("""{"the first long name": 1, "the second long name": 2}""");
        counter.ProcessedCount.Should().BeLessThan(result.Usage.GeneratedTokenCount / 3);
        counter.AcceptedCount.Should().Be(result.Usage.GeneratedTokenCount);
    }

    // The tokens of a text that is forced to its end are accepted together. Stop tokens and stop sequences must not end the text at one of these tokens.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ForcedTextToTheEnd_IsNotCutByStops(bool isSequence)
    {
        var constraint = OutputConstraint.Choice("The cow says moo.");
        GenerationOptions options = new() { Constraint = constraint, Temperature = 0 };
        options = isSequence ? options with { StopSequences = ["says", "."] } : options with { StopTokens = _model.Tokenizer.Encode("The cow says moo.", addBeginOfSequence: false) };

        GenerationResult result = await Complete("Tell", options);

        (result.Text, result.FinishReason).Should().Be(("The cow says moo.", FinishReason.EndOfSequence));
    }

    [Fact]
    public async Task ForcedText_ReaderThatIsSlow_GetsTheSameTokens()
    {
        // Each forced text has so many tokens that the generation has to wait for its reader in the middle of a forced text.
        var options = new GenerationOptions { Constraint = OutputConstraint.Regex("((yes|no), and the turtle went to the garden, where it saw red flowers; ){8}"), Temperature = 0 };
        int[] expected = await _model.GenerateAsync("Tell", options).Where(update => update.Token is not null).Select(update => update.Token!.Value).ToArrayAsync();
        var tokens = new List<int>();

        await foreach (GenerationUpdate update in _model.GenerateAsync("Tell", options))
        {
            if (update.Token is int token)
                tokens.Add(token);
            // The generation runs ahead of its reader until it has to wait for the reader, or until it has ended.
            SpinWait.SpinUntil(() => _model.Statistics is { StalledCount: 1 } or { RunningCount: 0 }, TimeSpan.FromSeconds(30)).Should().BeTrue();
        }

        expected.Length.Should().BeGreaterThan(130);
        tokens.Should().Equal(expected);
    }

    [Fact]
    public async Task TooFewTokens_AreRefusedBeforeTheFirst()
    {
        OutputConstraint constraint = OutputConstraint.JsonSchema(Person);
        int minimum = constraint.FindMinTokenCount(_model.Tokenizer);

        Func<Task> generate = () => Complete("Once", new GenerationOptions { Constraint = constraint, MaxTokens = minimum - 1 });

        (await generate.Should().ThrowAsync<OutputConstraintException>()).WithMessage($"The JSON schema needs at least {minimum} tokens, and {minimum - 1} may be generated; allow more tokens (GenerationOptions.MaxTokens, --max-tokens)*");
    }

    [Fact]
    public async Task ContextShift_KeepsTheTextWhole()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ContextLength = 64 });
        OutputConstraint constraint = OutputConstraint.JsonSchema("""{"type": "array", "items": {"type": "string", "minLength": 8}, "minItems": 20, "maxItems": 20}""");
        var text = new StringBuilder();

        await foreach (GenerationUpdate update in model.GenerateAsync("Once", new GenerationOptions { Constraint = constraint, AttentionSinkCount = 4, Seed = 1, MaxTokens = 600 }))
            text.Append(update.Text);

        JsonSerializer.Deserialize<string[]>(text.ToString()).Should().HaveCount(20);
    }

    [Theory]
    [InlineData("""{"type": "object", "required": ["a"], "properties": {"a": false}}""", "No text fits*")]
    [InlineData("""{"type": 7}""", "*type*")]
    [InlineData("{", "*")]
    [InlineData("""{"$ref": "https://example.org/other.json"}""", "*$ref*")]
    public void JsonSchema_WhatCannotBeServed_IsRefusedWhenItIsCreated(string schema, string message)
    {
        Action create = () => OutputConstraint.JsonSchema(schema);

        create.Should().Throw<OutputConstraintException>().WithMessage(message);
    }

    [Fact]
    public void JsonSchema_PatternAndMaxLength_MasksAllowWhatCanBeAccepted()
    {
        // After the thirtieth word the pattern allows no further space, although maxLength would.
        var tokens = Llama2.Grammar.Matching.TokenBytes.Of(_model.Tokenizer);
        var matcher = new Llama2.Grammar.Matching.GrammarMatcher(
            OutputConstraint.JsonSchema("""{"type": "string", "maxLength": 300, "pattern": "^(?:\\S+\\s+){0,29}\\S+$"}""").Compile(tokens), limitsTokens: false);
        var mask = new ulong[tokens.MaskLength];
        foreach (byte value in Encoding.ASCII.GetBytes("\"again" + string.Concat(Enumerable.Repeat(" again", 40))))
        {
            matcher.ComputeMask(mask);
            int token = tokens.OfByte(value), position = matcher.Position;
            bool isAccepted = matcher.TryAccept([value]);

            ((mask[token >> 6] >> token & 1) != 0).Should().Be(isAccepted);
            if (!isAccepted)
            {
                position.Should().BeGreaterThan(150);
                return;
            }
        }

        Assert.Fail("Forty words were accepted.");
    }

    [Fact]
    public void Choice_Refuses()
    {
        ((Action)(() => OutputConstraint.Choice())).Should().Throw<ArgumentException>();
        ((Action)(() => OutputConstraint.Choice("a", ""))).Should().Throw<ArgumentException>();
    }

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool Matches(OutputConstraint constraint, string text)
    {
        Llama2.Grammar.Matching.GrammarMatcher matcher = new(constraint.Compile(Llama2.Grammar.Matching.TokenBytes.Of(_model.Tokenizer)), limitsTokens: false);
        return matcher.TryAccept(Encoding.UTF8.GetBytes(text)) && matcher.CanEnd;
    }

    private Task<GenerationResult> Complete(string prompt, GenerationOptions options) => _model.GenerateAsync(prompt, options).ToResultAsync();

    private async Task<(int[] Tokens, string Text)> Tokens(int session, GenerationOptions options)
    {
        var tokens = new List<int>();
        var text = new StringBuilder();
        await foreach (GenerationUpdate update in _model.GenerateAsync($"Story {session}", options))
        {
            text.Append(update.Text);
            if (update.Token is int token)
                tokens.Add(token);
        }

        return ([.. tokens], text.ToString());
    }

    private sealed class Counter : ILogitProcessor
    {
        public int ProcessedCount { get; private set; }

        public int AcceptedCount { get; private set; }

        public void Process(TokenCandidates candidates, ReadOnlySpan<int> history) => ProcessedCount++;

        public void Accept(int token, double probability) => AcceptedCount++;
    }
}
