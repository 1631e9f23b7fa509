using static System.FormattableString;

namespace Llama2.Tokenization;

/// <summary>Appends tokens to a vocabulary.</summary>
internal static class AddedTokens
{
    /// <summary>Creates a vocabulary with additional tokens after its own.</summary>
    /// <param name="vocabulary">The vocabulary; it stays unchanged.</param>
    /// <param name="source">The file that states the tokens, for error messages.</param>
    /// <param name="tokens">The texts of the tokens, and whether each is a control token; otherwise its text, wherever it occurs, becomes this one token.</param>
    /// <exception cref="ModelFormatException">A token is empty, or the vocabulary has it already; or there are too many tokens.</exception>
    public static Vocabulary Append(Vocabulary vocabulary, string source, IReadOnlyList<(string Text, bool IsSpecial)> tokens)
    {
        var builder = new VocabularyBuilder(vocabulary, tokens.Count);
        foreach ((string text, bool isSpecial) in tokens)
        {
            string field = Invariant($"the added token {builder.Count:N0}");
            if (text.Length == 0)
                throw new ModelFormatException(source, null, field, "''", "a token must have a text");
            if (builder.Find(text) is >= 0 and var known)
                throw new ModelFormatException(source, null, field, $"'{text}'", Invariant($"the vocabulary already has this token, with the id {known:N0}: leave it out"));
            builder.AddToken(new AddedToken(source, builder.Count, text, isSpecial));
        }

        return builder.Build(source, vocabulary.Options);
    }
}
