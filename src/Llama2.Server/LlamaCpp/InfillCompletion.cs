namespace Llama2.Server.LlamaCpp;

/// <summary>The answer of <c>POST /infill</c>, or an event of it. Members that only the last event has are null in the others.</summary>
/// <param name="Content">The text, or what the event adds to it.</param>
/// <param name="Tokens">The tokens of the text if they were requested; else empty.</param>
/// <param name="Stop">Whether the text is complete.</param>
/// <param name="TokensPredicted">The number of generated tokens.</param>
/// <param name="TokensEvaluated">The number of tokens of the prompt.</param>
internal sealed record InfillCompletion(string Content, IReadOnlyList<int> Tokens, bool Stop, int TokensPredicted, int TokensEvaluated)
{
    public int Index { get; }

    /// <summary>Always 0: the library has no slots with numbers.</summary>
    public int IdSlot { get; }

    public string? Model { get; init; }

    /// <summary>Whether the text has a line break.</summary>
    public bool? HasNewLine { get; init; }

    /// <summary>Always false: a prompt that is too long is an error.</summary>
    public bool? Truncated { get; init; }

    /// <summary>Why the text ends: <c>eos</c>, <c>word</c> (a text of <c>stop</c>) or <c>limit</c>.</summary>
    public string? StopType { get; init; }

    /// <summary>The text of <c>stop</c> that ended the text; empty if none did.</summary>
    public string? StoppingWord { get; init; }

    /// <summary>The number of tokens of the prompt that were reused from earlier requests.</summary>
    public int? TokensCached { get; init; }

    public InfillTimings? Timings { get; init; }
}
