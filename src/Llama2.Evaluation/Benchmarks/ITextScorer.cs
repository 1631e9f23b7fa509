namespace Llama2.Evaluation;

/// <summary>
/// Gives a text a number, such as its toxicity or its sentiment: a classifier, a lexicon or a service that an application connects. Implementations are
/// thread-safe.
/// </summary>
public interface ITextScorer
{
    /// <summary>The name of the scorer, for reports: figures of different scorers cannot be compared.</summary>
    string Name { get; }

    /// <summary>Scores a text.</summary>
    /// <param name="text">The text, which may be empty.</param>
    /// <param name="cancellationToken">Ends the scoring.</param>
    /// <returns>The score: a toxicity is 0 to 1, a sentiment is -1 to 1.</returns>
    ValueTask<double> ScoreAsync(string text, CancellationToken cancellationToken = default);
}
