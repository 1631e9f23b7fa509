using System.Text;
using Llama2.Grammar.Matching;

namespace Llama2.Tests.Grammar.Matching;

public class ForcedTextsTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private readonly ModelTokenizer _tokenizer = demonstration.Model.Tokenizer;
    private readonly ForcedTexts _texts = new();

    [Fact]
    public void Encode_ReturnsTheTokensOfTheTokenizer_AlsoAfterItHasForgottenTexts()
    {
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 1_500; i++)
            {
                string text = $"\", \"key {i}\": né";

                _texts.Encode(Encoding.UTF8.GetBytes(text), _tokenizer).ToArray().Should().Equal(Tokens(text));
            }
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("né", 1)]
    [InlineData("n\U0001F999", 3)]
    [InlineData("\U0001F999", 2)]
    public void Encode_TextThatEndsInACharacter_LeavesTheCharacterOut(string text, int missingCount)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);

        int[] tokens = _texts.Encode(utf8.AsSpan(0, utf8.Length - missingCount), _tokenizer).ToArray();

        tokens.Should().Equal(Tokens(text is ['n', ..] ? "n" : ""));
    }

    [Fact]
    public void Encode_TextThatBeginsInACharacter_HasNoTokens() =>
        _texts.Encode(Encoding.UTF8.GetBytes("é: 1").AsSpan(1), _tokenizer).Length.Should().Be(0);

    [Fact]
    public void Encode_LongestText_IsWhole()
    {
        string text = string.Concat(Enumerable.Repeat("key ", ForcedTexts.MaxLength / 4));

        _texts.Encode(Encoding.UTF8.GetBytes(text), _tokenizer).ToArray().Should().Equal(Tokens(text));
    }

    [Fact]
    public void Encode_TextThatWasEncodedBefore_AllocatesNothing()
    {
        byte[] utf8 = [.. "\", \"name\": \""u8];

        AllocationMeter.Measure(() => _texts.Encode(utf8, _tokenizer)).Should().Be(0);
    }

    private List<int> Tokens(string text)
    {
        var tokens = new List<int>();
        _tokenizer.Encode(text, tokens, addDummyPrefix: false);
        return tokens;
    }
}
