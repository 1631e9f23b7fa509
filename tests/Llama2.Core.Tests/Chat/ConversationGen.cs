using CsCheck;
using Llama2.Chat;

namespace Llama2.Tests.Chat;

/// <summary>Random conversations.</summary>
internal static class ConversationGen
{
    private static readonly string[] s_words = ["llama", "a", "été", "\U0001F999", " ", "  ", "\n", "\t", "\u001C", "x y", "42", ".", "\u00A0", "日本", "\uD800", ":"];

    private static readonly string[] s_pieces =
    [
        .. KnownTags.All, .. s_words, "<s>", "</s>", "<unk>", "\u2581", "#", "###", "### ", "###\u2581Human:", "###Human:", "[INS", "[", "]", "T]", "[/", "<<SYS",
        ">", ">>", "<<", "<|im_", "end|>", "<|", "|>", "user", "USER", "ASSIST", "ANT:", "SER:", "Human:", "Human :", "<0x0A>", "[INST[INST]]", "### ### Human:",
    ];

    /// <summary>Text without tags and control tokens.</summary>
    public static Gen<string> PlainText { get; } = Gen.OneOf(s_words).List[0, 6].Select(string.Concat);

    /// <summary>Text with tags, parts of tags and control tokens.</summary>
    public static Gen<string> HostileText { get; } = Gen.OneOf(s_pieces).List[0, 8].Select(string.Concat);

    /// <summary>An optional system message, then user and assistant messages in turn; the last is the user's.</summary>
    public static Gen<LlamaMessage[]> Conversation(Gen<string> text) => Gen.Select(Gen.Bool, text, text.List[1, 7]).Select((hasSystem, system, texts) =>
    {
        LlamaMessage[] turns = [.. texts.Take(((texts.Count - 1) / 2 * 2) + 1).Select((content, i) => i % 2 == 0 ? LlamaMessage.User(content) : LlamaMessage.Assistant(content))];
        return hasSystem ? [LlamaMessage.System(system), .. turns] : turns;
    });
}
