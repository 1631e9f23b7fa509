namespace Llama2.Guard;

/// <summary>
/// The keys under which a <see cref="GuardedChatClient"/> reports, in the AdditionalProperties of updates and responses. If updates with a message id are
/// combined into a response, its messages have them, too. All values are texts or numbers, and contain none of the judged text.
/// </summary>
public static class GuardProperties
{
    /// <summary>What was withheld: <c>input</c> or <c>output</c>.</summary>
    public const string Stage = "guard.stage";

    /// <summary>The codes of the violated categories, with commas between them; absent if the guard named none.</summary>
    public const string Categories = "guard.categories";

    /// <summary>The names of the violated categories and the kinds of findings, with commas between them; absent if the guard named none.</summary>
    public const string Reasons = "guard.reasons";

    /// <summary>The probability that the message is unsafe, a <see cref="double"/>; absent if the guard computes none.</summary>
    public const string Probability = "guard.probability";

    /// <summary>Why the guard failed, if the message was withheld because of a failure: <c>timeout</c>, <c>content</c> (it cannot be judged), <c>invalid verdict</c>, <c>undecided</c> (for more than 65,536 characters) or the name of an exception's type.</summary>
    public const string Failure = "guard.failure";

    /// <summary>Why the guard failed, if the message was passed without a verdict because <see cref="GuardOptions.FailOpen"/> is set.</summary>
    public const string FailedOpen = "guard.failed_open";
}
