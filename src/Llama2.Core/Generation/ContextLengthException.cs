using System.Globalization;

namespace Llama2;

/// <summary>A prompt, or a text to be embedded, does not fit in the model's context, or a prompt leaves no room in it for an answer.</summary>
public sealed class ContextLengthException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="promptTokenCount">Tokens of the prompt.</param>
    /// <param name="contextLength">Tokens that the context holds.</param>
    /// <param name="textIndex">Which of several texts it is, counted from 0; null where there is one prompt.</param>
    public ContextLengthException(int promptTokenCount, int contextLength, int? textIndex = null)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"{(textIndex is null ? "The prompt" : $"Text {textIndex}, counted from 0,")} has {promptTokenCount:N0} tokens and the context holds {contextLength:N0}: shorten it, or load the model with a longer context (LlamaModelOptions.ContextLength, --context) if it was trained for one, or if rotary scaling extends its context (LlamaModelOptions.RopeScaling, --rope-scaling)."))
    {
        PromptTokenCount = promptTokenCount;
        ContextLength = contextLength;
        TextIndex = textIndex;
    }

    /// <summary>Tokens of the prompt or text.</summary>
    public int PromptTokenCount { get; }

    /// <summary>Tokens that the context holds.</summary>
    public int ContextLength { get; }

    /// <summary>Which of the texts to be embedded it is, counted from 0; null where it is a prompt.</summary>
    public int? TextIndex { get; }
}
