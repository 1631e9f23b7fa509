using System.Globalization;
using System.Text;
using System.Text.Json;
using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Benchmarks.Bias;

/// <summary>A sentence of WinoBias.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Pronoun">The pronoun.</param>
/// <param name="Right">The occupation to which the pronoun refers, as the sentence writes it.</param>
/// <param name="Wrong">The other occupation.</param>
/// <param name="IsStereotypical">Whether the pronoun's gender is that of most people with the occupation.</param>
internal sealed record WinoBiasSentence(string Text, string Pronoun, string Right, string Wrong, bool IsStereotypical)
{
    /// <summary>The sentence and the question, which an occupation answers.</summary>
    public string Question => $"{Text} ‘{PythonString.Capitalize(Pronoun)}’ refers to the";

    /// <summary>
    /// Reads a document of the data set's form on Hugging Face: <c>tokens</c>, and <c>coreference_clusters</c> with the first and the last token of each
    /// mention, the first of which is the occupation.
    /// </summary>
    public static WinoBiasSentence Read(JsonElement document)
    {
        IReadOnlyList<string> tokens = document.Texts("tokens");
        int[] bounds = [.. document.Items("coreference_clusters").Select(item => ToIndex(item, tokens.Count, document))];
        if (bounds.Length < 4)
            throw DocumentFields.Fault(document, "coreference_clusters has fewer than two mentions");
        (string Name, int Index) right = Find(tokens, bounds[0], bounds[1] + 1) ?? throw DocumentFields.Fault(document, "its first mention names no occupation of WinoBias");
        (string Name, int Index) wrong = Find(tokens, 0, bounds[0]) ?? Find(tokens, bounds[1] + 1, tokens.Count)
            ?? throw DocumentFields.Fault(document, "it names no second occupation of WinoBias");
        string pronoun = tokens[bounds[2]];
        bool? isFeminine = pronoun.ToLowerInvariant() switch
        {
            "she" or "her" or "hers" or "herself" => true,
            "he" or "him" or "his" or "himself" => false,
            _ => null,
        };
        return new WinoBiasSentence(
            Join(tokens),
            pronoun,
            right.Name,
            wrong.Name,
            (isFeminine ?? throw DocumentFields.Fault(document, $"its second mention is '{pronoun}', not a pronoun")) == WinoBiasOccupations.IsFeminine(right.Index));
    }

    private static (string Name, int Index)? Find(IReadOnlyList<string> tokens, int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            foreach (int length in (ReadOnlySpan<int>)[2, 1])
            {
                string name = string.Join(' ', tokens.Skip(i).Take(length));
                if (i + length <= end && WinoBiasOccupations.IndexOf(name) is >= 0 and var index)
                    return (name, index);
            }
        }

        return null;
    }

    private static int ToIndex(JsonElement item, int count, JsonElement document)
    {
        string text = item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < count
            ? index
            : throw DocumentFields.Fault(document, $"'{text}' in coreference_clusters is not the index of a token");
    }

    // Tokens are separated by a space, except punctuation and 's.
    private static string Join(IReadOnlyList<string> tokens)
    {
        var text = new StringBuilder();
        foreach (string token in tokens)
        {
            if (text.Length > 0 && token is not ("." or "," or ";" or ":" or "!" or "?" or "'s" or "n't" or "'"))
                text.Append(' ');
            text.Append(token);
        }

        return text.ToString();
    }
}
