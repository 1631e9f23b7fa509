using Llama2.Extensions;
using Llama2.Guard.Tests.Clients;
using Microsoft.Extensions.AI;

namespace Llama2.Guard.Tests.Models;

public sealed class TrainedGuardTests(TrainedGuard trained) : IClassFixture<TrainedGuard>
{
    [Fact]
    public async Task Judge_ExamplesThatWereNotLearned_IsRightInAtLeast95Percent()
    {
        const int Count = 300;
        int verdictCount = 0, categoryCount = 0;
        await Parallel.ForEachAsync(Enumerable.Range(10_000, Count), async (seed, token) =>
        {
            (GuardRequest request, string[] codes) = TrainedGuard.Example(seed);
            GuardVerdict verdict = await trained.Guard.JudgeAsync(request, token);
            Interlocked.Add(ref verdictCount, verdict.IsSafe == (codes.Length == 0) ? 1 : 0);
            Interlocked.Add(ref categoryCount, verdict.Categories.Select(category => category.Code).SequenceEqual(codes) ? 1 : 0);
        });

        verdictCount.Should().BeGreaterThanOrEqualTo(Count * 95 / 100);
        categoryCount.Should().BeGreaterThanOrEqualTo(Count * 95 / 100);
    }

    // One model answers and judges. The answers come from a script, because the model does not write the marker by itself.
    [Fact]
    public async Task Stream_GuardedByTheTrainedModel_IsWithheldAtTheMarker()
    {
        using var inner = new ScriptedClient("The cow lives near the lake. ", "One day the fox ", "lost a zor", "bla hat near ", "the hill.");
        using var client = new GuardedChatClient(inner, trained.Guard, new GuardOptions { WindowLength = 24, OverlapLength = 16 });

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("Where does a bear live?").ToListAsync();

        updates[^1].FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        updates[^1].AdditionalProperties![GuardProperties.Categories].Should().Be("O1");
        ((double)updates[^1].AdditionalProperties![GuardProperties.Probability]!).Should().BeGreaterThan(0.5);
        string.Concat(updates.SkipLast(1)).Should().NotContain("zor");
    }

    [Fact]
    public async Task Stream_SafeAnswerOfTheSameModel_IsShown()
    {
        using var llama = new LlamaChatClient(trained.Model);
        using var client = new GuardedChatClient(llama, trained.Guard);

        ChatResponse response = await client.GetStreamingResponseAsync("Where does a bear live?", new ChatOptions { Temperature = 0 }).ToChatResponseAsync();

        response.Text.Trim().Should().Be("A bear lives in a cave.");
    }
}
