namespace Llama2.Chat;

/// <summary>How a prompt format lays messages out. Immutable and thread-safe.</summary>
internal interface IPromptLayout
{
    /// <summary>Writes the prompt.</summary>
    /// <param name="writer">Where it goes; the format's tags are guarded already.</param>
    /// <param name="messages">One message or more.</param>
    /// <param name="addGenerationPrompt">Whether an answer follows, and the prompt ends with what introduces it.</param>
    /// <exception cref="PromptFormatException">The roles are in an order that the format does not have.</exception>
    void Write(PromptWriter writer, IReadOnlyList<LlamaMessage> messages, bool addGenerationPrompt);
}
