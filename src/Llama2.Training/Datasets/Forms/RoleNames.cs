namespace Llama2.Training.Datasets.Forms;

/// <summary>The names that tools give to the authors of messages.</summary>
internal static class RoleNames
{
    /// <summary>Whether a name means a turn of the model whose text is a call in JSON, as in LLaMA-Factory and ms-swift.</summary>
    public static bool IsCall(string? name) => name is "function_call" or "tool_call";

    /// <summary>The role that a name means; null if it is not known. A call is the assistant's.</summary>
    public static LlamaRole? Find(string? name) => name switch
    {
        "system" or "developer" => LlamaRole.System,
        "user" or "human" => LlamaRole.User,
        "assistant" or "gpt" or "chatgpt" or "bing" or "bard" or "function_call" or "tool_call" => LlamaRole.Assistant,
        "tool" or "observation" or "function" or "function_response" or "tool_response" => LlamaRole.Tool,
        _ => null,
    };
}
