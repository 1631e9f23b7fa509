namespace Llama2.Chat;

/// <summary>How a prompt ends.</summary>
internal enum PromptEnd
{
    /// <summary>With the last message and the format's own text after it.</summary>
    Message,

    /// <summary>With the text that introduces an answer.</summary>
    GenerationPrompt,

    /// <summary>With the text of the last message, an answer that the model is to continue.</summary>
    OpenAnswer,
}
