namespace Llama2.Evaluation;

/// <summary>How a model is prompted for programs. Immutable.</summary>
public sealed record CodeEvaluationOptions
{
    /// <summary>
    /// The number of programs that the model writes for each task, 1 to 10,000; 1 by default. They differ only if <see cref="Temperature"/> is above 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int SampleCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 10_000);
            field = value;
        }
    } = 1;

    /// <summary>The values of k for which pass@k is computed, each 1 to <see cref="SampleCount"/>; only 1 by default.</summary>
    /// <exception cref="ArgumentException">The list is empty, or has a value twice.</exception>
    public IReadOnlyList<int> PassCounts
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count == 0)
                throw new ArgumentException("There must be at least one value of k.", nameof(PassCounts));
            if (value.Distinct().Count() != value.Count)
                throw new ArgumentException($"Each value of k may occur only once: {string.Join(", ", value)}.", nameof(PassCounts));
            field = [.. value];
        }
    } = [1];

    /// <summary>
    /// The temperature, 0 or more; 0 (the default) always chooses the likeliest token. The paper about HumanEval uses 0.2 for pass@1 and 0.8 for pass@100.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not a number.</exception>
    public float Temperature
    {
        get;
        init
        {
            if (!(value >= 0 && float.IsFinite(value)))
                throw new ArgumentOutOfRangeException(nameof(Temperature), value, "The temperature must be 0 or more.");
            field = value;
        }
    }

    /// <summary>Top-p: tokens are chosen from the likeliest ones whose probabilities add up to this value, above 0 to 1; default 1. The paper about HumanEval uses 0.95.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public float TopP
    {
        get;
        init
        {
            if (!(value > 0 && value <= 1))
                throw new ArgumentOutOfRangeException(nameof(TopP), value, "The share must be above 0 and at most 1.");
            field = value;
        }
    } = 1;

    /// <summary>The maximum number of tokens of a program, 1 or more; null (the default) for the task's <see cref="CodeTask.MaxTokens"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? MaxTokens
    {
        get;
        init
        {
            if (value is { } count)
                ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(MaxTokens));
            field = value;
        }
    }
}
