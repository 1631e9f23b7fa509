namespace Llama2;

/// <summary>What a logit processor may know of the generation that it is made for. Immutable.</summary>
public sealed class LogitProcessorContext
{
    /// <summary>Made by the library, and by tests of processors.</summary>
    /// <param name="tokenizer">The model's vocabulary.</param>
    /// <param name="promptTokenCount">Tokens of the prompt.</param>
    public LogitProcessorContext(ModelTokenizer tokenizer, int promptTokenCount)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfNegative(promptTokenCount);
        Tokenizer = tokenizer;
        PromptTokenCount = promptTokenCount;
    }

    /// <summary>The model's vocabulary.</summary>
    public ModelTokenizer Tokenizer { get; }

    /// <summary>Tokens of the prompt: the first ones of the history that <see cref="ILogitProcessor.Process"/> is given.</summary>
    public int PromptTokenCount { get; }
}
