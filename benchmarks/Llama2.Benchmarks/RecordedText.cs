using System.Text.RegularExpressions;

namespace Llama2.Benchmarks;

/// <summary>
/// A prompt and the answer that a model gave to it, as tokens of any vocabulary: each different word and each different sign is a token. So a model with
/// random weights can be made to give the answer, and its passes take the time that they take for any text.
/// </summary>
/// <param name="Name">The kind of text.</param>
/// <param name="Prompt">The tokens of the prompt.</param>
/// <param name="Answer">The tokens of the answer.</param>
internal sealed partial record RecordedText(string Name, int[] Prompt, int[] Answer)
{
    // The first ids of a vocabulary are control tokens and bytes.
    private const int FirstId = 300;

    /// <summary>Splits both texts into tokens.</summary>
    public static RecordedText Split(string name, string prompt, string answer)
    {
        var ids = new Dictionary<string, int>();
        return new RecordedText(name, Tokens(prompt), Tokens(answer));

        int[] Tokens(string text) => [.. Pieces().Matches(text).Select(match => ids.TryGetValue(match.Value, out int id) ? id : ids[match.Value] = FirstId + ids.Count)];
    }

    // Words of up to eight characters: longer ones are several tokens in most vocabularies, too.
    [GeneratedRegex(@" ?\w{1,8}|\s+|[^\w\s]")]
    private static partial Regex Pieces();
}
