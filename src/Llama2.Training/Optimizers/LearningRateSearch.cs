namespace Llama2.Training;

/// <summary>
/// The result of the search for a learning rate: the range test of Smith 2015 (arXiv 1506.01186), with a rate that rises exponentially, and losses that are
/// smoothed as in fastai (Howard and Gugger 2020, arXiv 2002.04688). Immutable.
/// </summary>
public sealed class LearningRateSearch
{
    // As in fastai: with this factor, a loss of 50 steps ago still has a third of the weight of the last.
    private const double Smoothing = 0.98;

    // The search ends when the smoothed loss is four times the smallest: higher rates only diverge further.
    private const double DivergenceFactor = 4;

    // At the rate of the smallest loss, the loss is about to rise: a tenth of it still learns nearly as fast, and is stable.
    private const double SuggestedFraction = 0.1;

    private readonly List<LearningRatePoint> _points = [];
    private double _mean;

    internal LearningRateSearch()
    {
    }

    /// <summary>The steps, in ascending order of their learning rates.</summary>
    public IReadOnlyList<LearningRatePoint> Points => _points;

    /// <summary>The step with the smallest smoothed loss.</summary>
    public LearningRatePoint Smallest => _points.MinBy(point => point.SmoothedLoss)!;

    /// <summary>A learning rate with which training is fast and stable: a tenth of the rate of <see cref="Smallest"/>.</summary>
    public double SuggestedLearningRate => SuggestedFraction * Smallest.LearningRate;

    /// <summary>Whether the last step shows that training has diverged.</summary>
    internal bool HasDiverged => _points is [_, .., var last] && last.SmoothedLoss > DivergenceFactor * Smallest.SmoothedLoss;

    internal LearningRatePoint Add(double learningRate, double loss)
    {
        // The mean begins at 0, so the first means are divided by the sum of the weights so far, as AdamW's moments are.
        _mean = (Smoothing * _mean) + ((1 - Smoothing) * loss);
        var point = new LearningRatePoint(learningRate, loss, _mean / (1 - Math.Pow(Smoothing, _points.Count + 1)));
        _points.Add(point);
        return point;
    }
}
