using System.Runtime.CompilerServices;
using Llama2.Tests;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

/// <summary>The numbers of guessed tokens in the usage of an answer and in the metrics.</summary>
public sealed class GuessedTokenTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    [Theory]
    [InlineData(7, 5)]
    [InlineData(7, 0)]
    [InlineData(0, 0)]
    public async Task GetResponseAsync_GuessedTokens_AreCountedInUsageAndMetrics(int draftCount, int acceptedCount)
    {
        string name = $"guessing {draftCount}, {acceptedCount}";
        using var recorder = new TelemetryRecorder(LlamaTelemetry.Name);
        using var model = new GuessingModel(demonstration.Model, draftCount, acceptedCount);
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain, ModelId = name });

        ChatResponse response = await client.GetResponseAsync(Chatting.Prompt, new ChatOptions { MaxOutputTokens = 3 });

        Dictionary<string, long> expected = new() { ["DraftTokenCount"] = draftCount, ["AcceptedDraftTokenCount"] = acceptedCount };
        (response.Usage!.AdditionalCounts ?? []).Should().BeEquivalentTo(draftCount == 0 ? [] : expected);
        Tokens("draft").Should().Be(draftCount);
        Tokens("accepted_draft").Should().Be(acceptedCount);

        double Tokens(string type) => recorder.Measurements
            .Where(measurement => measurement.Name == "llama2.tokens" && Equals(measurement.Tags["llama2.model"], name) && Equals(measurement.Tags["llama2.token.type"], type))
            .Sum(measurement => measurement.Value);
    }

    /// <summary>A model that generates as another does, and reports the given numbers of guesses.</summary>
    private sealed class GuessingModel(ILlamaModel model, int draftCount, int acceptedCount) : ILlamaModel
    {
        public ModelConfiguration Configuration => model.Configuration;

        public ModelTokenizer Tokenizer => model.Tokenizer;

        public async IAsyncEnumerable<GenerationUpdate> GenerateAsync(
            ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (GenerationUpdate update in model.GenerateAsync(promptTokens, options, cancellationToken))
                yield return update.Usage is { } usage ? update with { Usage = usage with { DraftTokenCount = draftCount, AcceptedDraftTokenCount = acceptedCount } } : update;
        }

        public void Dispose()
        {
        }
    }
}
