using Llama2.Templating.Characters;

namespace Llama2.Chat;

/// <summary>
/// Meta's own encoding (llama/generation.py, <c>chat_completion</c>), token for token. Every turn is encoded separately, and white space at both ends
/// of each text is removed. The system message is enclosed in tags and put before the first user's text. As in Meta's code, white space is then
/// removed at both ends of the combined text. Therefore white space at the start of the first user's text is kept, and the two line breaks after the
/// tags are removed if nothing follows them.
/// </summary>
internal sealed class Llama2Layout : IPromptLayout
{
    public IReadOnlyList<LlamaMessage> Arrange(IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, PromptEnd end, CancellationToken cancellationToken) => TurnOrder.Arrange(messages);

    public void Write(PromptWriter writer, IReadOnlyList<LlamaMessage> messages, PromptEnd end, CancellationToken cancellationToken)
    {
        TurnOrder.Check(messages, end);
        bool hasSystem = messages[0].Role == LlamaRole.System;
        for (int i = hasSystem ? 1 : 0; i < messages.Count; i += 2)
        {
            writer.WriteBegin();
            writer.WriteScaffolding("[INST] ");
            if (i == 1 && hasSystem)
                WriteWithSystem(writer, messages);
            else
                WriteStripped(writer, messages, i);
            writer.WriteScaffolding(" [/INST]");
            if (i + 1 == messages.Count)
                break;

            writer.BeginAnswer(i + 1);
            writer.WriteScaffolding(" ");
            if (end == PromptEnd.OpenAnswer && i + 2 == messages.Count)
            {
                // White space at the end is part of the text that is continued.
                int start = PythonSpace.CountLeading(messages[i + 1].Content);
                writer.WriteData(messages[i + 1].Content.AsSpan(start), i + 1, start);
                break;
            }

            WriteStripped(writer, messages, i + 1);
            writer.WriteScaffolding(" ");
            writer.WriteEnd();
        }
    }

    private static void WriteWithSystem(PromptWriter writer, IReadOnlyList<LlamaMessage> messages)
    {
        writer.WriteScaffolding("<<SYS>>\n");
        writer.WriteData(messages[0].Content, messageIndex: 0);
        ReadOnlySpan<char> text = PythonSpace.TrimEnd(messages[1].Content);
        writer.WriteScaffolding(text.IsEmpty ? "\n<</SYS>>" : "\n<</SYS>>\n\n");
        writer.WriteData(text, messageIndex: 1);
    }

    private static void WriteStripped(PromptWriter writer, IReadOnlyList<LlamaMessage> messages, int index)
    {
        string content = messages[index].Content;
        int start = PythonSpace.CountLeading(content);
        writer.WriteData(PythonSpace.TrimEnd(content.AsSpan(start)), index, start);
    }
}
