using Llama2.Server.LlamaCpp;

namespace Llama2.Server.Tests.LlamaCpp;

public class InfillTimingsTests
{
    [Theory]
    [InlineData(7, 5, 7, 5)]
    [InlineData(7, 0, 7, 0)]
    [InlineData(0, 0, null, null)]
    public void Of_GuessedTokens_AreReportedIfThereWereAny(int draftCount, int acceptedCount, int? expectedDraft, int? expectedAccepted)
    {
        var usage = new GenerationUsage { PromptTokenCount = 10, CachedTokenCount = 4, GeneratedTokenCount = 8, DraftTokenCount = draftCount, AcceptedDraftTokenCount = acceptedCount };

        InfillTimings timings = InfillTimings.Of(usage);

        (timings.DraftN, timings.DraftNAccepted).Should().Be((expectedDraft, expectedAccepted));
        (timings.CacheN, timings.PromptN, timings.PredictedN).Should().Be((4, 6, 8));
    }
}
