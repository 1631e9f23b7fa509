namespace Llama2;

/// <summary>Describes a generation to the function that creates a logit processor for it. Immutable.</summary>
public sealed class LogitProcessorContext
{
    /// <summary>Creates the context. The library creates the contexts of generations itself; tests of a processor can create one with this constructor.</summary>
    /// <param name="tokenizer">The model's vocabulary.</param>
    /// <param name="promptTokenCount">The number of prompt tokens.</param>
    public LogitProcessorContext(ModelTokenizer tokenizer, int promptTokenCount)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfNegative(promptTokenCount);
        Tokenizer = tokenizer;
        PromptTokenCount = promptTokenCount;
    }

    /// <summary>The model's vocabulary.</summary>
    public ModelTokenizer Tokenizer { get; }

    /// <summary>The number of prompt tokens. The prompt tokens are the first tokens of the history that <see cref="ILogitProcessor.Process"/> receives.</summary>
    public int PromptTokenCount { get; }
}
