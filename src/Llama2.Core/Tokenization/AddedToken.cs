using Llama2.Formats;

namespace Llama2.Tokenization;

/// <summary>A token that a Hugging Face file declares in addition to the base vocabulary (the pieces of the tokenizer's model).</summary>
/// <param name="Source">The file that declares the token, for error messages.</param>
/// <param name="Id">The token's id as the file states it; not checked.</param>
/// <param name="Content">The token's text.</param>
/// <param name="IsSpecial">Whether the token is a control token; otherwise its text, wherever it occurs, becomes this one token.</param>
/// <param name="IsNormalized">Whether Hugging Face normalizes the token's text and searches for it in the normalized text.</param>
/// <param name="UnsupportedFlag">
/// The name of a member, such as <c>single_word</c>, because of which Hugging Face does not find the token everywhere its text occurs. Null if there
/// is no such member.
/// </param>
internal readonly record struct AddedToken(string Source, int Id, string Content, bool IsSpecial, bool IsNormalized = false, string? UnsupportedFlag = null)
{
    private static readonly string[] s_unsupportedFlags = ["single_word", "lstrip", "rstrip"];

    /// <summary>Reads a token from the JSON object that describes it.</summary>
    /// <exception cref="ModelFormatException">A member is missing or has the wrong type.</exception>
    public static AddedToken Read(JsonFields token, int id) => new(
        token.Path,
        id,
        token.FindString("content") ?? throw token.Missing("content"),
        token.FindBoolean("special") ?? false,
        token.FindBoolean("normalized") ?? false,
        s_unsupportedFlags.FirstOrDefault(flag => token.FindBoolean(flag) == true));
}
