using Llama2.Tests.Tokenization;
using Llama2.Tokenization;

namespace Llama2.Tests.Chat;

/// <summary>Vocabularies with and without ChatML's tokens, and prompts rendered as text.</summary>
internal static class ChatVocabularies
{
    /// <summary>512 pieces and the byte pieces; the only control tokens are begin and end of sequence, so ChatML's tags are ordinary text.</summary>
    public static ModelTokenizer Text { get; } = TestVocabulary.Spm512();

    /// <summary>ChatML's tags are control tokens.</summary>
    public static ModelTokenizer Control { get; } = Create(PieceType.Control);

    /// <summary>
    /// ChatML's tags are user-defined tokens, so a tag in plain text is encoded to such a token too. Some converters write the added tokens of fine-tuned models in
    /// this way.
    /// </summary>
    public static ModelTokenizer UserDefined { get; } = Create(PieceType.UserDefined);

    public static IReadOnlyList<ModelTokenizer> All { get; } = [Text, Control, UserDefined];

    /// <summary>A prompt as text: each special token as it is spelled, and each stretch of text between them without its dummy prefix.</summary>
    public static string Render(ModelTokenizer tokenizer, IReadOnlyList<int> ids)
    {
        string text = "";
        List<int> stretch = [];
        foreach (int id in ids)
        {
            if (!IsSpecial(tokenizer, id))
            {
                stretch.Add(id);
                continue;
            }

            text += tokenizer.Decode(stretch) + tokenizer.GetTokenText(id);
            stretch.Clear();
        }

        return text + tokenizer.Decode(stretch);
    }

    public static bool IsSpecial(ModelTokenizer tokenizer, int id) =>
        tokenizer.IsControl(id) || tokenizer.GetTokenText(id).StartsWith("<|", StringComparison.Ordinal);

    private static ModelTokenizer Create(PieceType type) => new TestVocabulary()
        .Add("\u2581", -1).Add("[", -2).Add("]", -3).Add("INST", -4).Add("e", -5).Add("\u2581e", -6).Add(":", -7)
        .Add("<|im_start|>", -8, type).Add("<|im_end|>", -9, type).CreateTokenizer();
}
