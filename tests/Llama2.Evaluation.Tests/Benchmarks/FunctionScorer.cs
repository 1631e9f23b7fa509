namespace Llama2.Evaluation.Tests.Benchmarks;

/// <summary>Scores a text by a function.</summary>
internal sealed class FunctionScorer(Func<string, double> score) : ITextScorer
{
    public string Name => "test";

    public ValueTask<double> ScoreAsync(string text, CancellationToken cancellationToken = default) => ValueTask.FromResult(score(text));
}
