using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.Terminal;

public class SuggestionTests
{
    private static readonly string[] s_words = ["generate", "chat", "tokenize", "template", "list", "--top-k", "--top-p", "--text"];

    [Theory]
    [InlineData("generat", "generate")]
    [InlineData("genreate", "generate")]
    [InlineData("gnerated", "generate")]
    [InlineData("CHAT", "chat")]
    [InlineData("tok", "tokenize")]
    [InlineData("cha", "chat")]
    [InlineData("lits", "list")]
    [InlineData("-text", "--text")]
    [InlineData("--top-q", "--top-k")]
    [InlineData("to", null)]
    [InlineData("cart", null)]
    [InlineData("--", null)]
    [InlineData("", null)]
    [InlineData("completely else", null)]
    public void Find_Word_IsTheNearestOrNone(string word, string? expected) => Suggestion.Find(word, s_words).Should().Be(expected);
}
