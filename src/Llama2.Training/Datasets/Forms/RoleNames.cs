namespace Llama2.Training.Datasets.Forms;

/// <summary>The names that tools give to the authors of messages.</summary>
internal static class RoleNames
{
    /// <summary>LLaMA-Factory's name for a turn of the model whose text is a call in JSON.</summary>
    public const string Call = "function_call";

    /// <summary>The role that a name means; null if it is not known. A turn named <see cref="Call"/> is the assistant's.</summary>
    public static LlamaRole? Find(string? name) => name switch
    {
        "system" or "developer" => LlamaRole.System,
        "user" or "human" => LlamaRole.User,
        "assistant" or "gpt" or "chatgpt" or "bing" or "bard" or Call => LlamaRole.Assistant,
        "tool" or "observation" or "function" or "function_response" => LlamaRole.Tool,
        _ => null,
    };
}
