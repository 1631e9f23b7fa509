using System.Text;
using System.Text.Json;
using Llama2.Formats;
using Llama2.Tests.Conversion;

namespace Llama2.Tests.Formats;

public sealed class JsonFaultTests : IDisposable
{
    private const string ParsersOwnWords = "*reader options*|*configured depth*|*LineNumber*|*BytePositionInLine*|*System.*|*JsonTokenType*|*isFinalBlock*";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"a\":1", "byte 7: the JSON ends too early")]
    [InlineData("{\"a\":1 \"b\":2}", "byte 8: '\"' does not belong there, or something is missing before it")]
    [InlineData("{\n \"a\": 1,\n}", "line 3, byte 1: '}' does not belong there, or something is missing before it")]
    [InlineData("{\"a\":\"\u0001\"}", "byte 7: the byte 0x01 does not belong there, or something is missing before it")]
    [InlineData("{\"a\":1} x", "byte 9: 'x' does not belong there, or something is missing before it")]
    [InlineData("", "byte 1: the JSON ends too early")]
    [InlineData("{\"]\\\"]\":[[[[1]]]]}", "byte 12: objects and arrays are nested more than 4 deep")]
    public void Describe_MalformedText_SaysWhatAndWhere(string text, string expected)
    {
        byte[] json = Encoding.UTF8.GetBytes(text);
        Exception exception = FluentActions.Invoking(() => JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 })).Should().Throw<JsonException>().Which;

        JsonFault.Describe(exception, json, maxDepth: 4).Should().Be(expected);
    }

    [Fact]
    public void Describe_ValueOfAnotherType_NamesTheMember()
    {
        Exception exception = FluentActions.Invoking(() => JsonSerializer.Deserialize<Dictionary<string, int[]>>("{\"a\":[1,\"x\"]}")).Should().Throw<JsonException>().Which;

        JsonFault.Describe(exception, []).Should().StartWith("'a[1]' lacks a member, or has one of the wrong type");
    }

    [Fact]
    public void Describe_MessageOfOurs_IsKept() => JsonFault.Describe(new JsonException("it names no file"), []).Should().Be("it names no file");

    [Theory]
    [InlineData("config.json")]
    [InlineData("generation_config.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("added_tokens.json")]
    [InlineData("tokenizer.json")]
    [InlineData("model.safetensors.index.json")]
    public void Open_FolderWithMalformedJson_SaysWhatAndWhereInOurWords(string name)
    {
        foreach (string file in Directory.GetFiles(PublishedForms.PathOf("huggingface-sharded")))
            File.Copy(file, _folder.File(Path.GetFileName(file)));
        foreach ((string text, string message) in new[]
        {
            (new string('[', 100), "nested more than 64 deep"),
            ("{\"a\": ", "byte 7: the JSON ends too early"),
            ("{\"a\": nul}", "does not belong there"),
        })
        {
            File.WriteAllText(_folder.File(name), text);

            ModelFormatException fault = FluentActions.Invoking(() => ModelFileInformation.Read(_folder.Path)).Should().Throw<ModelFormatException>(name).Which;

            fault.FilePath.Should().EndWith(name);
            fault.Message.Should().Contain(message);
            foreach (string words in ParsersOwnWords.Split('|'))
                fault.Message.Should().NotMatch(words);
        }
    }
}
