namespace Llama2.Training;

/// <summary>What the records of a data set look like.</summary>
public enum DatasetFormat
{
    /// <summary>Plain text in UTF-8: documents with NUL characters between them, or one document.</summary>
    Text,

    /// <summary>Objects with <c>instruction</c>, <c>output</c> and maybe <c>input</c>, as Stanford Alpaca has them.</summary>
    Alpaca,

    /// <summary>Objects with <c>conversations</c>, a list of objects with <c>from</c> (human, gpt, system) and <c>value</c>, as Vicuna was trained with.</summary>
    ShareGpt,

    /// <summary>Objects with <c>messages</c>, a list of objects with <c>role</c> (system, user, assistant) and <c>content</c>.</summary>
    Chat,

    /// <summary>Objects with <c>prompt</c> and <c>completion</c>, each a text, or a list of messages.</summary>
    PromptCompletion,

    /// <summary>Objects with <c>chosen</c> and <c>rejected</c>, answers to <c>prompt</c>, or whole conversations where there is none.</summary>
    Preference,
}
