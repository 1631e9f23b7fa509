namespace Llama2.Training;

/// <summary>The format of the records of a data set.</summary>
public enum DatasetFormat
{
    /// <summary>Plain text in UTF-8: documents separated by NUL characters, or a single document.</summary>
    Text,

    /// <summary>
    /// Objects with <c>instruction</c>, <c>output</c> and optionally <c>input</c>, as in Stanford Alpaca; <c>system</c> and <c>history</c> as in
    /// LLaMA-Factory.
    /// </summary>
    Alpaca,

    /// <summary>
    /// Objects with <c>conversations</c>, a list of objects with <c>from</c> (human, gpt, system, function_call, observation) and <c>value</c>, as in Vicuna's training data.
    /// </summary>
    ShareGpt,

    /// <summary>Objects with <c>messages</c>, a list of objects with <c>role</c> (system, user, assistant, tool) and <c>content</c>, as in OpenAI's fine-tuning.</summary>
    Chat,

    /// <summary>Objects with <c>prompt</c> and <c>completion</c>, each a text, or a list of messages.</summary>
    PromptCompletion,

    /// <summary>Objects with <c>chosen</c> and <c>rejected</c>: answers to <c>prompt</c>, or whole conversations if there is no prompt.</summary>
    Preference,

    /// <summary>Objects with <c>text</c>, each of which is a document, as in TRL and LLaMA-Factory.</summary>
    TextRecords,

    /// <summary>Objects with <c>segments</c>, a list of objects with <c>text</c> and <c>label</c>, as in axolotl's <c>input_output</c>.</summary>
    Segments,
}
