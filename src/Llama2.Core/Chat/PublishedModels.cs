namespace Llama2.Chat;

/// <summary>The prompt formats of published models, by parts of their names; docs/prompts.md lists the models.</summary>
internal static class PublishedModels
{
    // A name is matched in lower case, with '-' in place of each character that is neither a letter nor a digit, and with '-' added at both ends.
    private static readonly (PromptFormat Format, string[] Parts)[] s_names =
    [
        (PromptFormat.Llama2, ["-llama-2-", "b-chat-"]),
        (PromptFormat.Llama2, ["-llama2-", "b-chat-"]),
        (PromptFormat.Llama2, ["-codellama-7b-instruct-"]),
        (PromptFormat.Llama2, ["-codellama-13b-instruct-"]),
        (PromptFormat.Llama2, ["-codellama-34b-instruct-"]),
        (PromptFormat.VicunaV0, ["-vicuna-", "-v0-"]),
        (PromptFormat.Vicuna, ["-vicuna-", "-v1-1-"]),
        (PromptFormat.Vicuna, ["-vicuna-", "-v1-3-"]),
        (PromptFormat.Vicuna, ["-vicuna-", "-v1-5-"]),
        (PromptFormat.Alpaca, ["-alpaca-7b-"]),
        (PromptFormat.Alpaca, ["-alpaca-13b-"]),
        (PromptFormat.Alpaca, ["-alpaca-lora-"]),
        (PromptFormat.Alpaca, ["-alpaca-native-"]),
        (PromptFormat.ChatMl, ["-openhermes-2-mistral-7b-"]),
        (PromptFormat.ChatMl, ["-openhermes-2-5-mistral-7b-"]),
        (PromptFormat.ChatMl, ["-nous-hermes-2-mistral-7b-"]),
        (PromptFormat.ChatMl, ["-dolphin-2-", "-mistral-7b-"]),
        (PromptFormat.ChatMl, ["-orca-2-7b-"]),
        (PromptFormat.ChatMl, ["-orca-2-13b-"]),
        (PromptFormat.ChatMl, ["-chatml-"]),
        (PromptFormat.Zephyr, ["-zephyr-7b-alpha-"]),
        (PromptFormat.Zephyr, ["-zephyr-7b-beta-"]),
        (PromptFormat.Zephyr, ["-tinyllama-1-1b-chat-v1-0-"]),
        (PromptFormat.Mistral, ["-mistral-7b-instruct-v0-1-"]),
        (PromptFormat.Mistral, ["-mistral-7b-instruct-v0-2-"]),
    ];

    /// <summary>The formats of the models to which a name may refer: none, one, or several that contradict each other.</summary>
    public static IEnumerable<PromptFormat> FindFormats(string name)
    {
        string words = $"-{string.Concat(name.Select(character => char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '-'))}-";
        return s_names.Where(entry => Array.TrueForAll(entry.Parts, part => words.Contains(part, StringComparison.Ordinal))).Select(entry => entry.Format).Distinct();
    }
}
