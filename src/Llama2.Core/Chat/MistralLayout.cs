namespace Llama2.Chat;

/// <summary>
/// Mistral's first instruction format (model card of Mistral-7B-Instruct-v0.1 and v0.2; mistral-common's tokenizer v1): one begin-of-sequence token,
/// <c>[INST] … [/INST]</c> around the user's texts, and an end-of-sequence token after each answer. The system message is put before the first user's
/// text.
/// </summary>
internal sealed class MistralLayout : IPromptLayout
{
    public IReadOnlyList<LlamaMessage> Arrange(IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, PromptEnd end, CancellationToken cancellationToken) => TurnOrder.Arrange(messages);

    public void Write(PromptWriter writer, IReadOnlyList<LlamaMessage> messages, PromptEnd end, CancellationToken cancellationToken)
    {
        TurnOrder.Check(messages, end);
        bool hasSystem = messages[0].Role == LlamaRole.System;
        writer.WriteBegin();
        for (int i = hasSystem ? 1 : 0; i < messages.Count; i += 2)
        {
            writer.WriteScaffolding("[INST] ");
            if (i == 1 && hasSystem)
            {
                writer.WriteData(messages[0].Content, messageIndex: 0);
                writer.WriteScaffolding("\n\n");
            }

            writer.WriteData(messages[i].Content, i);
            writer.WriteScaffolding(" [/INST]");
            if (i + 1 == messages.Count)
                break;

            writer.BeginAnswer(i + 1);
            writer.WriteScaffolding(" ");
            writer.WriteData(messages[i + 1].Content, i + 1);
            if (end == PromptEnd.OpenAnswer && i + 2 == messages.Count)
                break;
            writer.WriteEnd();
        }
    }
}
