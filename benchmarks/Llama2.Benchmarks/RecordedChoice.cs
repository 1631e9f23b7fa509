namespace Llama2.Benchmarks;

/// <summary>Makes a model give a recorded answer: the recorded token becomes the likeliest one.</summary>
/// <param name="promptTokenCount">The number of prompt tokens.</param>
/// <param name="answer">The tokens of the answer.</param>
internal sealed class RecordedChoice(int promptTokenCount, int[] answer) : ILogitProcessor
{
    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history) => candidates.Logits[answer[history.Length - promptTokenCount]] = 1e6f;
}
