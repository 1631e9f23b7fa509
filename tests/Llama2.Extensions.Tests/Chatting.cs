using Llama2.Tests;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests;

/// <summary>Chats with the demonstration model, which is not tuned to: in the plain format, and greedily, its texts are known.</summary>
internal static class Chatting
{
    /// <summary>What the model makes a whole story of.</summary>
    public const string Prompt = "Once upon a time";

    public static ChatOptions Greedy => new() { Temperature = 0 };

    public static LlamaChatClient CreateClient(this DemonstrationModel demonstration, PromptFormat? format = null) =>
        new(demonstration.Model, new LlamaChatClientOptions { PromptFormat = format ?? PromptFormat.Plain });

    /// <summary>What the model itself writes after a conversation, by way of no client.</summary>
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
