namespace Llama2.Guard;

/// <summary>How a <see cref="LlamaGuard"/> judges. Immutable; values are checked when they are set.</summary>
public sealed record LlamaGuardOptions
{
    /// <summary>The categories. Default <see cref="GuardPolicy.Published"/>, with which the published model was trained.</summary>
    public GuardPolicy Policy { get; init => field = value ?? throw new ArgumentNullException(nameof(Policy)); } = GuardPolicy.Published;

    /// <summary>
    /// The probability from which a message is unsafe, more than 0 and at most 1; default 0.5. A lower threshold finds more and refuses more that is harmless: measure both on texts of your
    /// own.
    /// </summary>
    public double Threshold
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Threshold), value, "The threshold must be more than 0 and at most 1.");
    } = 0.5;

    /// <summary>
    /// The probability that the model must give to the two words of a verdict together, 0 to 1; default 0.5. Below it there is no verdict but a <see cref="GuardException"/>, because the model
    /// is no guard model, or does not know what to do with the message.
    /// </summary>
    public double MinMass
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MinMass), value, "The probability must be 0 to 1.");
    } = 0.5;

    /// <summary>
    /// The adapters of the guard, at most 16; default none. With an adapter that was trained as a guard, the model that answers can also be the one that judges: its weights are in memory
    /// once.
    /// </summary>
    public IReadOnlyList<LlamaAdapterUse> Adapters
    {
        get;
        // GenerationOptions checks and copies the list.
        init => field = new GenerationOptions { Adapters = value }.Adapters;
    } = [];

    /// <summary>
    /// Whether the model names the violated categories if a message is unsafe. Default true. It takes a few more tokens; the verdict does not depend on it.
    /// </summary>
    public bool NameCategories { get; init; } = true;
}
