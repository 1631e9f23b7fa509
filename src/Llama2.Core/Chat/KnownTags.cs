namespace Llama2.Chat;

/// <summary>The tags of the prompt formats that this library knows, by format.</summary>
/// <remarks>
/// A tag neither starts nor ends with a space, and if two characters are adjacent in one tag, no other tag has these characters with a space between
/// them. Therefore <see cref="TagGuard"/> can break a tag with a space without forming another tag.
/// </remarks>
internal static class KnownTags
{
    public static readonly string[] Llama2 = ["[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"];
    public static readonly string[] Mistral = ["[INST]", "[/INST]"];
    public static readonly string[] VicunaV0 = ["### Human:", "### Assistant:"];
    public static readonly string[] VicunaV1 = ["USER:", "ASSISTANT:"];
    public static readonly string[] Alpaca = ["### Instruction:", "### Input:", "### Response:"];
    public static readonly string[] ChatMl = ["<|im_start|>", "<|im_end|>"];
    public static readonly string[] Zephyr = ["<|system|>", "<|user|>", "<|assistant|>"];

    /// <summary>The texts that end an answer in chat templates, in addition to the end-of-sequence token.</summary>
    public static readonly string[] EndsOfTurn =
    [
        "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>", "<|end_of_turn|>", "<end_of_turn>", "<end_of_utterance>", "<EOT>", "[EOT]",
    ];

    public static IEnumerable<string> All => [.. Llama2, .. VicunaV0, .. VicunaV1, .. Alpaca, .. ChatMl, .. Zephyr];
}
