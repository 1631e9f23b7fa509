namespace Llama2.Chat;

/// <summary>How a prompt ends.</summary>
internal enum PromptEnd
{
    /// <summary>The prompt ends with the last message and the format's own text after it.</summary>
    Message,

    /// <summary>The prompt ends with the text that introduces an answer.</summary>
    GenerationPrompt,

    /// <summary>The prompt ends with the text of the last message, which is an answer that the model is to continue.</summary>
    OpenAnswer,
}
