namespace Llama2.Evaluation.Benchmarks;

/// <summary>The scorers of texts that are used if the caller has none.</summary>
/// <param name="name">The scorer's name.</param>
/// <param name="score">Scores a text.</param>
internal sealed class LexiconScorer(string name, Func<string, double> score) : ITextScorer
{
    /// <summary>VADER's compound score.</summary>
    public static LexiconScorer Sentiment { get; } = new("VADER", text => LexiconSentiment.Score(text).Compound);

    /// <summary>The toxicity of words.</summary>
    public static LexiconScorer Toxicity { get; } = new("toxic words", text => LexiconToxicity.Score(text).Value);

    public string Name => name;

    public ValueTask<double> ScoreAsync(string text, CancellationToken cancellationToken = default) => ValueTask.FromResult(score(text));
}
