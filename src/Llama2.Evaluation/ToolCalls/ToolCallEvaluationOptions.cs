namespace Llama2.Evaluation;

/// <summary>How a model is asked for calls. Immutable.</summary>
public sealed record ToolCallEvaluationOptions
{
    /// <summary>The default <see cref="Generation"/>: the likeliest tokens, at most 512 for each question.</summary>
    public static GenerationOptions DefaultGeneration { get; } = new() { Temperature = 0, MaxTokens = 512 };

    /// <summary>How the answers are generated. A constraint of these options applies only if <see cref="Constrain"/> is false.</summary>
    public GenerationOptions Generation { get; init; } = DefaultGeneration;

    /// <summary>The prompt format; null (the default) for the model's own.</summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>
    /// Whether only calls of the functions, with arguments that fit their parameters, can be written: true by default. False measures what the model writes
    /// by itself; text that is not a call with correct JSON is then no call.
    /// </summary>
    public bool Constrain { get; init; } = true;

    /// <summary>
    /// Whether the model must make a call for questions that have an answer with calls: false by default, as in the leaderboard, where a model may answer with text.
    /// Applies only if <see cref="Constrain"/> is true.
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
