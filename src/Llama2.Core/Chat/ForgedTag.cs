namespace Llama2.Chat;

/// <summary>A tag that a message's text forms, alone or together with the scaffolding (the format's own text) around it.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Start">The index of its first character in the part of the prompt.</param>
/// <param name="Data">The last message text that is part of the tag.</param>
internal readonly record struct ForgedTag(string Tag, int Start, DataRange Data)
{
    public int End => Start + Tag.Length;

    /// <summary>
    /// The position at which a space breaks the tag: before the tag's last character, or at the end of the message's text if that is earlier.
    /// </summary>
    public int BreakPosition => Math.Min(End - 1, Data.End);
}
