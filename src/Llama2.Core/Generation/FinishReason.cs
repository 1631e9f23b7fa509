namespace Llama2;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended its text.</summary>
    EndOfSequence,

    /// <summary>One of <see cref="GenerationOptions.StopSequences"/> appeared; it is not part of the text.</summary>
    StopSequence,

    /// <summary>The limit <see cref="GenerationOptions.MaxTokens"/> was reached.</summary>
    MaxTokens,

    /// <summary>The context is full.</summary>
    ContextLength,
}
