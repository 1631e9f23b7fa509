namespace Llama2.Evaluation;

/// <summary>How a model is prompted for calls. Immutable.</summary>
public sealed record ToolCallEvaluationOptions
{
    /// <summary>The default <see cref="Generation"/>: the likeliest tokens, at most 512 for each question.</summary>
    public static GenerationOptions DefaultGeneration { get; } = new() { Temperature = 0, MaxTokens = 512 };

    /// <summary>
    /// How the answers are generated. <see cref="GenerationOptions.Constraint"/> is ignored, because <see cref="Constrain"/> and
    /// <see cref="RequireCalls"/> determine it.
    /// </summary>
    public GenerationOptions Generation { get; init; } = DefaultGeneration;

    /// <summary>The prompt format; null (the default) for the model's own.</summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>
    /// Whether each call that the model writes is forced to name one of the functions and to have arguments that fit its parameters; true by default.
    /// If false, the model writes what it would write without a constraint, and a call whose JSON is not correct does not count as a call.
    /// </summary>
    public bool Constrain { get; init; } = true;

    /// <summary>
    /// Whether the model must make a call if the correct answer to the question has a call; false by default, as in the leaderboard, where a model
    /// may answer with text. Applies only if <see cref="Constrain"/> is true.
    /// </summary>
    public bool RequireCalls { get; init; }

    /// <summary>The maximum number of calls for a question, 1 to <see cref="ToolFormat.MaxCallCount"/>; 16 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxCallCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ToolFormat.MaxCallCount);
            field = value;
        }
    } = 16;
}
