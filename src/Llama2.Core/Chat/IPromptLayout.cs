namespace Llama2.Chat;

/// <summary>How a prompt format arranges messages in a prompt. Immutable and thread-safe.</summary>
internal interface IPromptLayout
{
    /// <summary>Rearranges a conversation into an order that the layout supports, as described at <see cref="TurnOrderPolicy.Arrange"/>.</summary>
    /// <param name="messages">Any messages, or none.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="end">How the prompt is to end.</param>
    /// <param name="cancellationToken">Ends the rendering of a chat template.</param>
    /// <returns>One message or more.</returns>
    IReadOnlyList<LlamaMessage> Arrange(IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, PromptEnd end, CancellationToken cancellationToken);

    /// <summary>Writes the prompt.</summary>
    /// <param name="writer">Receives the prompt; the format's tags are already guarded.</param>
    /// <param name="messages">One message or more.</param>
    /// <param name="end">How the prompt ends.</param>
    /// <param name="cancellationToken">Ends the rendering of a chat template.</param>
    /// <exception cref="PromptFormatException">The format does not support the order of the roles.</exception>
    void Write(PromptWriter writer, IReadOnlyList<LlamaMessage> messages, PromptEnd end, CancellationToken cancellationToken);
}
