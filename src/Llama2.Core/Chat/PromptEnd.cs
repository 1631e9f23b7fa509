namespace Llama2.Chat;

/// <summary>What a prompt ends with.</summary>
internal enum PromptEnd
{
    /// <summary>The last message and what the format puts after it.</summary>
    Message,

    /// <summary>The text that introduces an answer.</summary>
    GenerationPrompt,

    /// <summary>The text of the last message, an answer that the model is to continue.</summary>
    OpenAnswer,
}
