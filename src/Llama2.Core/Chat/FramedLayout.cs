namespace Llama2.Chat;

/// <summary>A begin-of-sequence token, then one message after another, each enclosed in the frame of its role.</summary>
internal sealed class FramedLayout : IPromptLayout
{
    public required MessageFrame System { get; init; }

    public required MessageFrame User { get; init; }

    public required MessageFrame Assistant { get; init; }

    /// <summary>
    /// The text that introduces an answer. Before an existing answer, this text is followed by the frame <see cref="Assistant"/>; a prompt for
    /// generation ends with this text.
    /// </summary>
    public required string GenerationPrompt { get; init; }

    /// <summary>Whether roles must be in the order that <see cref="TurnOrder"/> checks; otherwise any order is allowed.</summary>
    public required bool HasTurns { get; init; }

    /// <summary>The beginning of the prompt if there is no system message.</summary>
    public string Preamble { get; init; } = "";

    public IReadOnlyList<LlamaMessage> Arrange(IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, PromptEnd end, CancellationToken cancellationToken) =>
        HasTurns || messages.Count == 0 ? TurnOrder.Arrange(messages) : messages;

    public void Write(PromptWriter writer, IReadOnlyList<LlamaMessage> messages, PromptEnd end, CancellationToken cancellationToken)
    {
        if (HasTurns)
            TurnOrder.Check(messages, end);

        writer.WriteBegin();
        if (messages[0].Role != LlamaRole.System)
            writer.WriteScaffolding(Preamble);
        for (int i = 0; i < messages.Count; i++)
        {
            MessageFrame frame = messages[i].Role switch
            {
                LlamaRole.System => System,
                LlamaRole.User => User,
                _ => Assistant,
            };
            if (messages[i].Role == LlamaRole.Assistant)
            {
                writer.WriteScaffolding(GenerationPrompt);
                writer.BeginAnswer(i);
            }

            writer.WriteScaffolding(frame.Before);
            writer.WriteData(messages[i].Content, i);
            if (end == PromptEnd.OpenAnswer && i == messages.Count - 1)
                return;
            if (frame.EndsSequence)
                writer.WriteEnd();
            writer.WriteScaffolding(frame.After);
        }

        if (end == PromptEnd.GenerationPrompt)
            writer.WriteScaffolding(GenerationPrompt);
    }
}
