namespace Llama2.Speculation;

/// <summary>
/// Decides whether a draft model begins with further texts. Before its first guess it computes the prompt, and neither a draft model that is seldom right nor a
/// short answer brings this time back. So what a draft model has saved and cost is added up over all texts. While it has cost more than it saved, it begins no
/// further text, until 1 % of the time of all generations has made up for the difference. Used by the computing thread only.
/// </summary>
internal sealed class DraftBalance
{
    // In times of a token: so much may be lost again after the guesses of many texts were right.
    private const double MaxCredit = 64;
    private const double CreditPerToken = 0.01;
    private double _seconds;

    /// <summary>Whether the draft model may begin with another text.</summary>
    public bool AllowsNewText => _seconds >= 0;

    /// <summary>Subtracts time that the draft model took.</summary>
    public void Spend(double seconds) => _seconds -= seconds;

    /// <summary>Adds the share of a token, and the time that guesses saved.</summary>
    /// <param name="secondsPerToken">The time of a token without guesses.</param>
    /// <param name="savedSeconds">The time that guesses saved; negative if they cost time.</param>
    public void Earn(double secondsPerToken, double savedSeconds)
        => _seconds = Math.Min(_seconds + CreditPerToken * secondsPerToken + savedSeconds, MaxCredit * secondsPerToken);
}
