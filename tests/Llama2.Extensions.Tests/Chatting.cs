using Llama2.Tests;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests;

/// <summary>
/// Chats with the demonstration model, which is not tuned for chat: with the plain format and greedy sampling, its texts are known.
/// </summary>
internal static class Chatting
{
    /// <summary>A prompt that the model continues with a whole story.</summary>
    public const string Prompt = "Once upon a time";

    public static ChatOptions Greedy => new() { Temperature = 0 };

    public static LlamaChatClient CreateClient(this DemonstrationModel demonstration, PromptFormat? format = null, bool describes = true) =>
        new(demonstration.Model, new LlamaChatClientOptions { PromptFormat = format ?? PromptFormat.Plain, DescribeResponseFormat = describes });

    /// <summary>The text that the model itself generates for a conversation, without a client.</summary>
    public static async Task<GenerationResult> GenerateAsync(
        this DemonstrationModel demonstration, PromptFormat format, GenerationOptions options, params LlamaMessage[] messages)
    {
        string text = "";
        GenerationUpdate last = default;
        await foreach (GenerationUpdate update in demonstration.Model.GenerateAsync(format.Encode(messages, demonstration.Model.Tokenizer), options))
        {
            text += update.Text;
            last = update;
        }

        return new GenerationResult(text, last.FinishReason!.Value, last.Usage!);
    }
}
