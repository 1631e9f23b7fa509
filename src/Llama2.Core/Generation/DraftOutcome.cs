namespace Llama2.Generation;

/// <summary>The outcome of a sequence's draft in a pass.</summary>
/// <param name="ComputedCount">The number of the draft's tokens that the pass computed.</param>
/// <param name="ComparedCount">The number of the draft's tokens that were compared with the sequence's own tokens, whether they were computed or not.</param>
/// <param name="RightCount">The number of the draft's tokens that were right; at most one compared token was not.</param>
/// <param name="AcceptedCount">The number of the draft's tokens that were right and computed.</param>
internal record struct DraftOutcome(int ComputedCount, int ComparedCount, int RightCount, int AcceptedCount);
