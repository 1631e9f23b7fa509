using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Backends;

public sealed class ModelBackendTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private readonly LlamaModel _model = demonstration.Model;
    private readonly ModelBackend _backend = new(demonstration.Model);

    [Theory]
    [InlineData("Once upon a time, there was a", " dog")]
    [InlineData("Once upon a time, there was a", " dog that liked to run.")]
    [InlineData("Once upon a time, there was a ", "dog")]
    [InlineData("Once upon a time", "")]
    [InlineData("", "Once upon a time")]
    [InlineData("The cow says ", " moo")]
    public async Task AnswerAsync_LogLikelihood_IsTheSumOverTheContinuationsTokens(string context, string continuation)
    {
        EvaluationResponse response = await _backend.AnswerAsync(new LogLikelihoodRequest(context, continuation));

        int[] tokens = _model.Tokenizer.Encode(context + continuation, addBeginOfSequence: true);
        int start = _model.Tokenizer.Encode(context.TrimEnd(), addBeginOfSequence: true).Length;
        (double sum, bool isGreedy) = await ScoreAsync(tokens, start);
        response.LogLikelihood.Should().BeApproximately(sum, 1e-4);
        (response.IsGreedy, response.TokenCount, response.IsTruncated).Should().Be((isGreedy, tokens.Length - start, false));
    }

    [Fact]
    public async Task AnswerAsync_TextThatTheModelGenerates_IsGreedy()
    {
        EvaluationResponse generated = await _backend.AnswerAsync(new GenerationRequest("Once upon a time, there was") { MaxTokens = 6 });

        EvaluationResponse greedy = await _backend.AnswerAsync(new LogLikelihoodRequest("Once upon a time, there was", generated.Text!));
        EvaluationResponse other = await _backend.AnswerAsync(new LogLikelihoodRequest("Once upon a time, there was", " xylophone"));

        greedy.IsGreedy.Should().BeTrue();
        other.IsGreedy.Should().BeFalse();
        generated.TokenCount.Should().Be(6);
    }

    [Fact]
    public async Task AnswerAsync_PromptLongerThanTheContext_KeepsItsEnd()
    {
        string context = string.Concat(Enumerable.Repeat("The dog ran home. The cat sat down. ", 400)) + "The cow says";

        EvaluationResponse response = await _backend.AnswerAsync(new LogLikelihoodRequest(context, " moo"));

        int[] tokens = _model.Tokenizer.Encode(context + " moo", addBeginOfSequence: true);
        tokens.Length.Should().BeGreaterThan(_model.ContextLength + 1);
        tokens = tokens[^(_model.ContextLength + 1)..];
        (double sum, _) = await ScoreAsync(tokens, tokens.Length - response.TokenCount);
        response.IsTruncated.Should().BeTrue();
        response.LogLikelihood.Should().BeApproximately(sum, 1e-4);
    }

    [Fact]
    public async Task AnswerAsync_GenerationThatDoesNotFit_LeavesHalfOfTheContextForTheAnswer()
    {
        string prompt = string.Concat(Enumerable.Repeat("The dog ran home. ", 400));

        EvaluationResponse response = await _backend.AnswerAsync(new GenerationRequest(prompt) { MaxTokens = 1_000_000, StopSequences = ["."] });

        response.IsTruncated.Should().BeTrue();
        response.Text.Should().NotContain(".");
    }

    [Fact]
    public async Task AnswerAsync_StopSequence_EndsTheAnswerBeforeIt()
    {
        EvaluationResponse whole = await _backend.AnswerAsync(new GenerationRequest("Once upon a time, there was") { MaxTokens = 40 });
        EvaluationResponse stopped = await _backend.AnswerAsync(new GenerationRequest("Once upon a time, there was") { MaxTokens = 40, StopSequences = ["."] });

        whole.Text.Should().Contain(".");
        stopped.Text.Should().Be(whole.Text![..whole.Text!.IndexOf('.')]);
    }

    [Fact]
    public async Task AnswerAsync_RepeatsWithATemperature_DifferAndAreReproducible()
    {
        GenerationRequest request = new("Once upon a time, there was") { MaxTokens = 30, Temperature = 1.5f };

        string?[] first = await Task.WhenAll(Enumerable.Range(0, 3).Select(async repeat => (await _backend.AnswerAsync(request with { Repeat = repeat })).Text));
        string?[] second = await Task.WhenAll(Enumerable.Range(0, 3).Select(async repeat => (await _backend.AnswerAsync(request with { Repeat = repeat })).Text));

        second.Should().Equal(first);
        first.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task AnswerAsync_Conversation_IsAnsweredInThePromptFormat()
    {
        EvaluationPrompt prompt = new([LlamaMessage.User("What does the cow say?")]);

        EvaluationResponse answer = await _backend.AnswerAsync(new GenerationRequest(prompt) { MaxTokens = 20 });
        EvaluationResponse likely = await _backend.AnswerAsync(new LogLikelihoodRequest(prompt, " " + answer.Text!.Trim()));
        EvaluationResponse unlikely = await _backend.AnswerAsync(new LogLikelihoodRequest(prompt, " Once upon a time"));

        answer.Text.Should().Contain("moo");
        likely.IsGreedy.Should().BeTrue();
        likely.LogLikelihood.Should().BeGreaterThan(unlikely.LogLikelihood);
    }

    [Fact]
    public async Task AnswerAsync_ConversationWithTheBeginningOfTheAnswer_GivesOnlyTheRest()
    {
        LlamaMessage[] messages = [LlamaMessage.User("What does the cow say?")];
        string whole = (await _backend.AnswerAsync(new GenerationRequest(new EvaluationPrompt(messages)) { MaxTokens = 100 })).Text!.TrimStart();
        string beginning = whole[..whole.IndexOf(" moo", StringComparison.Ordinal)];

        EvaluationResponse rest = await _backend.AnswerAsync(new GenerationRequest(new EvaluationPrompt(messages, beginning)) { MaxTokens = 100 });

        rest.Text.Should().Be(whole[beginning.Length..]);
    }

    [Fact]
    public async Task AnswerAsync_RollingLogLikelihood_ScoresEachTokenOnce()
    {
        string text = string.Concat(Enumerable.Repeat("The dog ran home. ", 3));

        EvaluationResponse response = await _backend.AnswerAsync(new RollingLogLikelihoodRequest(text));

        int[] tokens = [_model.Tokenizer.BeginOfSequenceId, .. _model.Tokenizer.Encode(text, addBeginOfSequence: false)];
        (double sum, _) = await ScoreAsync(tokens, 1);
        response.LogLikelihood.Should().BeApproximately(sum, 1e-3);
        response.TokenCount.Should().Be(tokens.Length - 1);
    }

    [Fact]
    public void Fingerprint_OptionsThatChangeResponses_AreInIt()
    {
        string[] fingerprints =
        [
            _backend.Fingerprint,
            new ModelBackend(_model, new ModelBackendOptions { AddBeginOfSequence = false }).Fingerprint,
            new ModelBackend(_model, new ModelBackendOptions { Seed = 1 }).Fingerprint,
            new ModelBackend(_model, new ModelBackendOptions { PromptFormat = PromptFormat.Vicuna }).Fingerprint,
        ];

        fingerprints.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Fingerprint_OptionsOfTheModelThatChangeResponses_AreInIt()
    {
        string[] fingerprints =
        [
            _backend.Fingerprint,
            Fingerprint(new LlamaModelOptions { KeyValueCacheType = KeyValueCacheType.Q8_0 }),
            Fingerprint(new LlamaModelOptions { KeyValueCacheType = KeyValueCacheType.F32 }),
            Fingerprint(new LlamaModelOptions { ContextLength = 64 }),
            Fingerprint(new LlamaModelOptions { RopeScaling = RopeScaling.Linear(2) }),
        ];

        fingerprints.Should().OnlyHaveUniqueItems();
        KeyValueCacheType standard = LlamaModel.EstimateMemory(DemonstrationModel.Path).KeyValueCacheType;
        Fingerprint(new LlamaModelOptions { ThreadCount = 1, KeyValueCacheType = standard }).Should().Be(_backend.Fingerprint, "neither changes a response");

        static string Fingerprint(LlamaModelOptions options)
        {
            using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, options);
            return new ModelBackend(model).Fingerprint;
        }
    }

    [Fact]
    public void Fingerprint_ChatTemplate_IsInIt()
        => new ModelBackend(new TemplatedModel(_model, "{{ messages }}")).Fingerprint.Should().NotBe(new ModelBackend(new TemplatedModel(_model, "{{ bos_token }}")).Fingerprint);

    // The plain definition, from all logits.
    private async Task<(double Sum, bool IsGreedy)> ScoreAsync(int[] tokens, int start)
    {
        float[] logits = await _model.ComputeLogitsAsync(tokens.AsMemory(..^1));
        int size = _model.Configuration.VocabularySize;
        double sum = 0;
        bool isGreedy = true;
        for (int i = start; i < tokens.Length; i++)
        {
            float[] row = logits[((i - 1) * size)..(i * size)];
            double total = row.Sum(logit => Math.Exp(logit - row.Max()));
            sum += row[tokens[i]] - row.Max() - Math.Log(total);
            isGreedy &= row[tokens[i]] == row.Max();
        }

        return (sum, isGreedy);
    }

    private sealed class TemplatedModel(ILlamaModel model, string template) : ILlamaModel
    {
        public ModelConfiguration Configuration => model.Configuration;

        public ModelTokenizer Tokenizer => model.Tokenizer;

        public string? ChatTemplate => template;

        public IAsyncEnumerable<GenerationUpdate> GenerateAsync(ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
            => model.GenerateAsync(promptTokens, options, cancellationToken);

        public void Dispose()
        {
        }
    }
}
