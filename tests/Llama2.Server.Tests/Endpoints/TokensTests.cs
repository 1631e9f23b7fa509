using System.Net;
using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Server.Tests.Endpoints;

public sealed class TokensTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Theory]
    [InlineData("A cow.", "")]
    [InlineData("", "")]
    [InlineData("A cow.", ", \"add_special\": true")]
    public async Task Tokenize_Text_HasTheTokensOfTheModel(string text, string fields)
    {
        JsonElement answer = await storyteller.Server.AskAsync("/tokenize", $$"""{"content": "{{text}}"{{fields}}}""");

        answer.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32()).Should().Equal(s_tokenizer.Encode(text, addBeginOfSequence: fields.Length > 0));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task Tokenize_ControlToken_IsOneTokenIfItIsParsed(string parses, bool isControl)
    {
        JsonElement answer = await storyteller.Server.AskAsync("/tokenize", $$"""{"content": "</s>", "parse_special": {{parses}}}""");

        answer.GetProperty("tokens").EnumerateArray().Any(token => token.GetInt32() == s_tokenizer.EndOfSequenceId).Should().Be(isControl);
    }

    [Fact]
    public async Task Tokenize_WithPieces_HasTextsAndBytes()
    {
        JsonElement answer = await storyteller.Server.AskAsync("/tokenize", """{"content": "cow €", "with_pieces": true}""");

        JsonElement[] tokens = [.. answer.GetProperty("tokens").EnumerateArray()];
        tokens.Select(token => token.GetProperty("id").GetInt32()).Should().Equal(s_tokenizer.Encode("cow €", addBeginOfSequence: false));
        tokens[0].GetProperty("piece").GetString().Should().StartWith(" c");
        // The vocabulary has no token for the euro sign, so each of its bytes is a token.
        tokens[^3..].Select(token => token.GetProperty("piece").GetRawText()).Should().Equal("[226]", "[130]", "[172]");
    }

    [Fact]
    public async Task Detokenize_Tokens_AreTheText()
    {
        string tokens = string.Join(", ", s_tokenizer.Encode("A cow €."));

        (await storyteller.Server.AskAsync("/detokenize", $$"""{"tokens": [{{tokens}}]}""")).GetProperty("content").GetString().Should().Be("A cow €.");
    }

    [Theory]
    [InlineData("/tokenize", """{}""", "content", "missing_required_parameter")]
    [InlineData("/tokenize", """{"content": 1}""", "content", "invalid_type")]
    [InlineData("/tokenize", """{"content": "a", "add_special": 1}""", "add_special", "invalid_type")]
    [InlineData("/tokenize", """{"content": "a", "x": 1}""", "x", "unknown_parameter")]
    [InlineData("/detokenize", """{}""", "tokens", "missing_required_parameter")]
    [InlineData("/detokenize", """{"tokens": "a"}""", "tokens", "invalid_type")]
    [InlineData("/detokenize", """{"tokens": [1, 99999999]}""", "tokens[1]", "out_of_range")]
    public async Task Post_FieldThatIsNotValid_IsNamed(string path, string body, string param, string code) =>
        (await storyteller.Server.RefuseAsync(path, body)).Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = param, Code = code });
}
