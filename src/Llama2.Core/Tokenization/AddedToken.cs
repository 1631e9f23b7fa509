using Llama2.Formats;

namespace Llama2.Tokenization;

/// <summary>A token that a file of Hugging Face's declares beside the vocabulary proper.</summary>
/// <param name="Source">The file that declares it, for errors.</param>
/// <param name="Id">Its id, not checked.</param>
/// <param name="Content">Its text.</param>
/// <param name="IsSpecial">Whether it steers the model; otherwise it is text that is always one token.</param>
/// <param name="IsNormalized">Whether Hugging Face seeks it, normalized as text is, in the normalized text.</param>
/// <param name="UnsupportedFlag">The member that makes Hugging Face find it in other places than those of its text, or null.</param>
internal readonly record struct AddedToken(string Source, int Id, string Content, bool IsSpecial, bool IsNormalized = false, string? UnsupportedFlag = null)
{
    private static readonly string[] s_unsupportedFlags = ["single_word", "lstrip", "rstrip"];

    /// <summary>Reads the token that an object describes.</summary>
    /// <exception cref="ModelFormatException">A member is missing or of a wrong type.</exception>
    public static AddedToken Read(JsonFields token, int id) => new(
        token.Path,
        id,
        token.FindString("content") ?? throw token.Missing("content"),
        token.FindBoolean("special") ?? false,
        token.FindBoolean("normalized") ?? false,
        s_unsupportedFlags.FirstOrDefault(flag => token.FindBoolean(flag) == true));
}
