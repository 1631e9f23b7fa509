using System.Globalization;

namespace Llama2;

/// <summary>A prompt does not fit in the model's context, or leaves no room in it for an answer.</summary>
public sealed class ContextLengthException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="promptTokenCount">Tokens of the prompt.</param>
    /// <param name="contextLength">Tokens that the context holds.</param>
    public ContextLengthException(int promptTokenCount, int contextLength)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"The prompt has {promptTokenCount:N0} tokens and the context holds {contextLength:N0}: shorten the prompt, or load the model with a larger LlamaModelOptions.ContextLength if the model was trained for one, or is stretched by LlamaModelOptions.RopeScaling."))
    {
        PromptTokenCount = promptTokenCount;
        ContextLength = contextLength;
    }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokenCount { get; }

    /// <summary>Tokens that the context holds.</summary>
    public int ContextLength { get; }
}
