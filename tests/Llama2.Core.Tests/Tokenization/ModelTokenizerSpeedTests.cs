using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

/// <summary>
/// Encoding a megabyte of any text takes less than a second of processor time: 0.03 to 0.5 s were measured, whereas a quadratic algorithm would take
/// hours.
/// </summary>
public class ModelTokenizerSpeedTests
{
    private const int Megabyte = 1 << 20;

    public static TheoryData<string> Kinds => ["prose", "letter", "spaces", "bytes", "emoji"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Encode_MegabyteWithSmallVocabulary_TakesLessThanASecond(string kind) => Verify(TestVocabulary.Spm512(), kind);

    [GoldenTheory]
    [MemberData(nameof(Kinds))]
    public void Encode_MegabyteWithLlamasVocabulary_TakesLessThanASecond(string kind) =>
        Verify(ModelTokenizer.Load(RepositoryFiles.Golden("tokenizer", "tokenizer.model")), kind);

    [Theory]
    [InlineData(nameof(PieceType.Normal))]
    [InlineData(nameof(PieceType.UserDefined))]
    [InlineData(nameof(PieceType.Control))]
    public void Encode_MegabyteWithNestedPieces_TakesLessThanASecond(string typeName)
    {
        // a, aa, aaa … and then aaa…b: the worst case of a trie search that starts anew at every position, and of merges that grow by one letter.
        PieceType type = Enum.Parse<PieceType>(typeName);
        TestVocabulary vocabulary = new TestVocabulary().Add("a").Add("b");
        for (int length = 2; length <= 1000; length++)
            vocabulary.Add(new string('a', length), length, type);
        vocabulary.Add(new string('a', 4000) + "b", 0, type);
        Verify(vocabulary.CreateTokenizer(), "letter");
    }

    private static void Verify(ModelTokenizer tokenizer, string kind)
    {
        string text = Text(kind);
        tokenizer.EncodeWithControlTokens(text[..(Megabyte / 8)]); // warm-up

        TimeLimit.Verify(TimeSpan.FromSeconds(1), () => tokenizer.EncodeWithControlTokens(text).Should().NotBeEmpty());
    }

    private static string Text(string kind)
    {
        var random = new Random(1);
        return kind switch
        {
            "letter" => new string('a', Megabyte),
            "spaces" => new string(' ', Megabyte),
            "bytes" => string.Create(Megabyte, random, (span, r) => Fill(span, () => (char)r.Next(256))),
            "emoji" => string.Concat(Enumerable.Repeat("\U0001F999", Megabyte / 2)),
            _ => string.Create(Megabyte, random, (span, r) => Fill(span, () => " etaoinshrdlu, e a."[r.Next(19)])),
        };
    }

    private static void Fill(Span<char> span, Func<char> next)
    {
        foreach (ref char character in span)
            character = next();
    }
}
