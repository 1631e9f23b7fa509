using System.Globalization;

namespace Llama2;

/// <summary>A prompt, or a text to be embedded, does not fit in the model's context, or a prompt leaves no room in it for an answer.</summary>
public sealed class ContextLengthException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="promptTokenCount">The number of tokens of the prompt.</param>
    /// <param name="contextLength">The context length in tokens.</param>
    /// <param name="textIndex">The index of the text, counted from 0, if texts are to be embedded; null for a prompt.</param>
    public ContextLengthException(int promptTokenCount, int contextLength, int? textIndex = null)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"{(textIndex is null ? "The prompt" : $"Text {textIndex}, counted from 0,")} has {promptTokenCount:N0} tokens and the context holds {contextLength:N0}. Use fewer tokens, or load the model with a longer context (LlamaModelOptions.ContextLength, --context). The model must have been trained for that length, or its context must be extended by rotary scaling (LlamaModelOptions.RopeScaling, --rope-scaling)."))
    {
        PromptTokenCount = promptTokenCount;
        ContextLength = contextLength;
        TextIndex = textIndex;
    }

    /// <summary>The number of tokens of the prompt or text.</summary>
    public int PromptTokenCount { get; }

    /// <summary>The context length in tokens.</summary>
    public int ContextLength { get; }

    /// <summary>The index of the text among the texts to be embedded, counted from 0; null for a prompt.</summary>
    public int? TextIndex { get; }
}
