namespace Llama2.Speculation;

/// <summary>
/// The probability that a guess is right if all guesses before it in the same draft are right: the share among the latest guesses, some dozens. Until
/// there are measurements, an assumed share counts like <see cref="InitialWeight"/> guesses.
/// </summary>
/// <param name="initialShare">The assumed share, 0 to 1.</param>
internal sealed class AcceptanceEstimate(double initialShare)
{
    private const double InitialWeight = 2;
    // With this factor for each guess, the latest 50 guesses have about two thirds of the weight.
    private const double Fading = 0.98;
    private double _comparedWeight = InitialWeight;
    private double _rightWeight = InitialWeight * initialShare;

    /// <summary>The probability; more than 0, and less than 1 even if all guesses were right.</summary>
    public double Probability => Math.Clamp(_rightWeight / _comparedWeight, 0.001, 0.99);

    /// <summary>Records the guesses of a draft up to the first wrong one.</summary>
    /// <param name="comparedCount">The number of guesses that were compared with a chosen token.</param>
    /// <param name="rightCount">The number of guesses that were right.</param>
    public void Add(int comparedCount, int rightCount)
    {
        double fading = Math.Pow(Fading, comparedCount);
        _comparedWeight = _comparedWeight * fading + comparedCount;
        _rightWeight = _rightWeight * fading + rightCount;
    }

    /// <summary>Makes the estimate approach the assumed share, because it is old.</summary>
    public void Age()
    {
        const double Aging = 0.995;
        _comparedWeight = InitialWeight + (_comparedWeight - InitialWeight) * Aging;
        _rightWeight = (InitialWeight * initialShare) + (_rightWeight - InitialWeight * initialShare) * Aging;
    }
}
