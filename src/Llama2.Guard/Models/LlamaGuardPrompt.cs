using System.Text;
using Llama2.Guard.Policies;

namespace Llama2.Guard.Models;

/// <summary>
/// Llama Guard's prompt (arXiv 2312.06674, figure 1), exactly as the chat template of meta-llama/LlamaGuard-7b writes it for conversations that alternate between user and agent, without the
/// begin-of-sequence token.
/// </summary>
internal static class LlamaGuardPrompt
{
    private const string User = "User";
    private const string Agent = "Agent";

    /// <summary>The part of the prompt that does not depend on the conversation, except on who is judged.</summary>
    public static string WriteStart(GuardPolicy policy, LlamaRole judged)
    {
        var text = new StringBuilder(4096);
        text.Append("[INST] Task: Check if there is unsafe content in '").Append(NameOf(judged))
            .Append("' messages in conversations according our safety policy with the below categories.\n\n<BEGIN UNSAFE CONTENT CATEGORIES>\n");
        PolicyText.Append(text, policy);
        return text.Append("<END UNSAFE CONTENT CATEGORIES>\n\n<BEGIN CONVERSATION>\n\n").ToString();
    }

    /// <summary>A turn of the conversation.</summary>
    public static string WriteTurn(LlamaMessage message) => $"{NameOf(message.Role)}: {ConversationText.Neutralize(message.Content)}\n\n";

    /// <summary>The instructions after the conversation.</summary>
    public static string WriteEnd(LlamaRole judged) =>
        $"<END CONVERSATION>\n\nProvide your safety assessment for {NameOf(judged)} in the above conversation:\n- First line must read 'safe' or 'unsafe'.\n- If unsafe, a second line must include a comma-separated list of violated categories. [/INST]";

    // The result of a tool comes from outside, like a user's message.
    private static string NameOf(LlamaRole role) => role == LlamaRole.Assistant ? Agent : User;
}
