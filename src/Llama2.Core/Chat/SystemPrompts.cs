namespace Llama2;

/// <summary>System messages of published models. None is used by default: a conversation has only the system message that its caller provides.</summary>
public static class SystemPrompts
{
    /// <summary>
    /// The system message that Meta's code added to every Llama 2 conversation at launch (July 2023). On 7 August 2023, Meta stopped adding it, because it
    /// makes the model refuse questions that the model should answer (UPDATES.md of Meta's repository). Meta keeps it as an example.
    /// </summary>
    public const string MetaLaunch =
        "You are a helpful, respectful and honest assistant. Always answer as helpfully as possible, while being safe.  Your answers should not include any harmful, unethical, racist, sexist, toxic, dangerous, or illegal content. Please ensure that your responses are socially unbiased and positive in nature.\n\n"
        + "If a question does not make any sense, or is not factually coherent, explain why instead of answering something not correct. If you don't know the answer to a question, please don't share false information.";

    /// <summary>The system message with which Vicuna v1.1 to v1.5 were trained (FastChat, docs/vicuna_weights_version.md).</summary>
    public const string Vicuna =
        "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user's questions.";

    /// <summary>The system message with which Vicuna v0 was trained (FastChat, docs/vicuna_weights_version.md).</summary>
    public const string VicunaV0 =
        "A chat between a curious human and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the human's questions.";
}
