using System.Globalization;

namespace Llama2.Server.Requests;

/// <summary>
/// Reads a field that contains one or several texts, each as a string or as a list of tokens: <c>prompt</c> of completions and <c>input</c> of embeddings.
/// A list of integers is one text.
/// </summary>
/// <param name="texts">The texts; null if they are given as tokens.</param>
/// <param name="tokens">The tokens of each text; null if they are given as strings.</param>
/// <param name="path">The field's name.</param>
internal sealed class PromptField(string[]? texts, int[][]? tokens, string path)
{
    /// <summary>The number of texts.</summary>
    public int Count => texts?.Length ?? tokens!.Length;

    /// <summary>Reads the field.</summary>
    /// <param name="value">The field.</param>
    /// <param name="maxCount">The maximum number of texts.</param>
    public static PromptField Read(RequestValue value, int maxCount)
    {
        if (value.IsText)
            return new PromptField([value.Text(0, ModelTokenizer.MaxTextLength)], null, value.Path);
        if (!value.IsList)
            throw value.WrongType("a string, a list of strings, a list of tokens or a list of lists of tokens");
        if (value.Json.GetArrayLength() == 0)
            throw value.Refuse("is empty.");
        var first = new RequestValue(value.Json[0], $"{value.Path}[0]");
        if (first.IsNumber)
            return new PromptField(null, [value.Integers(0, int.MaxValue)], value.Path);
        RequestValue[] items = value.List(1, maxCount);
        return first.IsText
            ? new PromptField([.. items.Select(item => item.Text(0, ModelTokenizer.MaxTextLength))], null, value.Path)
            : new PromptField(null, [.. items.Select(item => item.Integers(0, int.MaxValue))], value.Path);
    }

    /// <summary>The tokens of each text; strings are encoded as prompts are, after the begin-of-sequence token.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="suffix">The text that follows the gap after each text; null for texts that are continued.</param>
    public ReadOnlyMemory<int>[] Encode(ModelTokenizer tokenizer, string? suffix = null)
    {
        ReadOnlyMemory<int>[] prompts = new ReadOnlyMemory<int>[Count];
        for (int i = 0; i < prompts.Length; i++)
        {
            int[] prompt = texts is null ? tokens![i]
                : suffix is null ? tokenizer.Encode(texts[i])
                : tokenizer.EncodeInfill(texts[i], suffix);
            if (prompt.Length == 0)
                throw At(i).Refuse("is empty, and the model needs a token to begin with.");
            if (Array.Find(prompt, token => token >= tokenizer.VocabularySize) is var unknown and > 0)
                throw At(i).Refuse(string.Create(CultureInfo.InvariantCulture, $"has token {unknown}; the model's tokens are 0 to {tokenizer.VocabularySize - 1}."));
            prompts[i] = prompt;
        }

        return prompts;
    }

    /// <summary>Whether the texts are given as strings, so that their tokens begin with a begin-of-sequence token that is not part of the text.</summary>
    public bool AreTexts => texts is not null;

    /// <summary>The text with the given index, for an answer that repeats it.</summary>
    public string TextOf(int index, ModelTokenizer tokenizer) => texts is not null ? texts[index] : tokenizer.Decode(tokens![index]);

    private RequestValue At(int index) => new(default, Count == 1 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"));
}
