namespace Llama2;

/// <summary>Describes a generation to the function that creates a drafter for it. Immutable.</summary>
public sealed class DrafterContext
{
    /// <summary>Creates the context. The library creates the contexts of generations itself; tests of a drafter can create one with this constructor.</summary>
    /// <param name="tokenizer">The model's vocabulary.</param>
    /// <param name="promptTokenCount">The number of prompt tokens.</param>
    /// <param name="capacity">The maximum number of tokens of prompt and answer together that the drafter is shown.</param>
    public DrafterContext(ModelTokenizer tokenizer, int promptTokenCount, int capacity)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfNegative(promptTokenCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, promptTokenCount);
        Tokenizer = tokenizer;
        PromptTokenCount = promptTokenCount;
        Capacity = capacity;
    }

    /// <summary>The model's vocabulary.</summary>
    public ModelTokenizer Tokenizer { get; }

    /// <summary>The number of prompt tokens. They are the first tokens that <see cref="IDrafter.Draft"/> receives.</summary>
    public int PromptTokenCount { get; }

    /// <summary>The maximum number of tokens that <see cref="IDrafter.Draft"/> receives.</summary>
    public int Capacity { get; }
}
