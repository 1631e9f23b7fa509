using Llama2.Formats;

namespace Llama2.Tokenization;

/// <summary>A token that a Hugging Face file declares in addition to the vocabulary proper.</summary>
/// <param name="Source">The file that declares it, for error messages.</param>
/// <param name="Id">The token's id, which is not checked.</param>
/// <param name="Content">The token's text.</param>
/// <param name="IsSpecial">Whether it is a control token; otherwise it is text that is always one token.</param>
/// <param name="IsNormalized">Whether Hugging Face normalizes the token like text, and searches for it in the normalized text.</param>
/// <param name="UnsupportedFlag">
/// The member that changes where Hugging Face finds the token, so that it is not found wherever its text occurs; null if there is none.
/// </param>
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
