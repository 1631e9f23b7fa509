using Llama2.Generation;
using Llama2.Sampling;
using Llama2.Tests.Tokenization;

namespace Llama2.Tests.Generation;

public class SequenceBreakerTokensTests
{
    private static readonly ModelTokenizer s_tokenizer = new TestVocabulary()
        .Add("\u2581", -9).Add("a", -8).Add("b", -7).Add("c", -6).Add("bc", -1).Add("abc", -2).Add("\u2581ab", -3).Add("ca", -4)
        .CreateTokenizer();

    [Theory]
    [InlineData("bc", new[] { "bc" }, true)]
    [InlineData("bc", new[] { "abc" }, true)]
    [InlineData("bc", new[] { "b", "c" }, true)]
    [InlineData("bc", new[] { "\u2581ab", "c" }, true)]
    [InlineData("bc", new[] { "b" }, false)]
    [InlineData("bc", new[] { "c" }, false)]
    [InlineData("bc", new[] { "b", "a", "c" }, false)]
    [InlineData(" ab", new[] { "\u2581ab" }, true)]
    [InlineData(" ab", new[] { "abc" }, false)]
    [InlineData("abca", new[] { "\u2581ab", "ca" }, true)]
    [InlineData("\n", new[] { "<0x0A>" }, true)]
    [InlineData("\n", new[] { "a" }, false)]
    [InlineData("\u00e9", new[] { "<0xC3>", "<0xA9>" }, true)]
    [InlineData("\u00e9", new[] { "<0xA9>" }, false)]
    [InlineData("a\u00e9", new[] { "ca", "<0xC3>", "<0xA9>" }, true)]
    public void Find_Breaker_EndsWhereItsTextEnds(string breaker, string[] pieces, bool expected)
    {
        int[] tokens = [.. pieces.Select(Id)];

        SequenceBreakers found = SequenceBreakerTokens.Find([breaker], s_tokenizer);

        found.EndAt(tokens).Should().Be(expected);
        found.Contain(tokens[^1]).Should().Be(expected && tokens.Length == 1);
    }

    [Fact]
    public void Find_NoBreakers_FindsNone() => SequenceBreakerTokens.Find([], s_tokenizer).EndAt([Id("a"), Id("b")]).Should().BeFalse();

    [Fact]
    public void Find_MostAndLongestBreakers_EndsSoon()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        string[] breakers = [.. Enumerable.Range(0, GenerationOptions.MaxDrySequenceBreakerCount)
            .Select(i => new string('e', i % 10) + new string((char)('a' + i % 26), GenerationOptions.MaxDrySequenceBreakerLength - i % 10))];

        SequenceBreakers found = SequenceBreakerTokens.Find(breakers, model.Tokenizer);

        foreach (string breaker in breakers)
        {
            int[] tokens = model.Tokenizer.Encode(breaker, addBeginOfSequence: false);
            Enumerable.Range(1, tokens.Length).Any(count => found.EndAt(tokens.AsSpan(0, count))).Should().BeTrue();
        }
    }

    private static int Id(string piece) => Enumerable.Range(0, s_tokenizer.VocabularySize).Single(token => s_tokenizer.GetTokenText(token) == piece);
}
