using System.Net;
using System.Text.Json;
using Llama2.Tests;
using UnitTesting;

namespace Llama2.Server.Tests.Endpoints;

public sealed class EmbeddingsTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Path = "/v1/embeddings";

    [Fact]
    public async Task Post_InputsInEveryForm_HaveTheVectorsOfTheModel()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        string[] texts = ["A cow", "A bear"];
        float[][] expected = await model.ComputeEmbeddingsAsync(texts);
        string[] tokens = [.. texts.Select(text => $"[{string.Join(", ", model.Tokenizer.Encode(text))}]")];

        foreach (string input in (string[])["[\"A cow\", \"A bear\"]", $"[{string.Join(", ", tokens)}]"])
        {
            foreach (string format in (string[])["float", "base64"])
            {
                JsonElement answer = await storyteller.Server.AskAsync(Path, $$"""{"input": {{input}}, "encoding_format": "{{format}}"}""");

                answer.GetProperty("object").GetString().Should().Be("list");
                answer.GetProperty("model").GetString().Should().Be(Storyteller.Name);
                JsonElement[] data = [.. answer.GetProperty("data").EnumerateArray()];
                data.Select(item => item.GetProperty("index").GetInt32()).Should().Equal(0, 1);
                data.Select(item => Read(item.GetProperty("embedding"))).Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
                int count = texts.Sum(text => model.Tokenizer.Encode(text).Length);
                answer.GetProperty("usage").GetRawText().Should().Be($$"""{"prompt_tokens":{{count}},"total_tokens":{{count}}}""");
            }
        }
    }

    [Fact]
    public async Task Post_LengthOfTheModel_IsAccepted()
    {
        int length = (await storyteller.Server.AskAsync(Path, """{"input": "a"}""")).GetProperty("data")[0].GetProperty("embedding").GetArrayLength();

        await storyteller.Server.AskAsync(Path, $$"""{"input": "a", "dimensions": {{length}}}""");

        (await storyteller.Server.RefuseAsync(Path, $$"""{"input": "a", "dimensions": {{length - 1}}}""")).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "dimensions", Code = "unsupported_value" });
    }

    [Theory]
    [InlineData("""{}""", "input", "missing_required_parameter")]
    [InlineData("""{"input": {}}""", "input", "invalid_type")]
    [InlineData("""{"input": []}""", "input", "invalid_value")]
    [InlineData("""{"input": [""a"", {}]}""", null, "invalid_json")]
    [InlineData("""{"input": ["a", {}]}""", "input[1]", "invalid_type")]
    [InlineData("""{"input": "a", "encoding_format": "int8"}""", "encoding_format", "unsupported_value")]
    [InlineData("""{"input": "a", "dimensions": 0}""", "dimensions", "out_of_range")]
    [InlineData("""{"input": "a", "x": 0}""", "x", "unknown_parameter")]
    [InlineData("""{"input": "a", "model": "text-embedding-3-small"}""", "model", "model_not_found")]
    public async Task Post_FieldThatIsNotValid_IsNamed(string body, string? param, string code)
    {
        Refusal refusal = await storyteller.Server.RefuseAsync(Path, body);

        refusal.Should().BeEquivalentTo(new { Type = "invalid_request_error", Param = param, Code = code });
        refusal.Status.Should().Be(code == "model_not_found" ? HttpStatusCode.NotFound : HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Post_InputLongerThanTheContext_IsRefused() =>
        (await storyteller.Server.RefuseAsync(Path, $$"""{"input": "{{string.Concat(Enumerable.Repeat("cow ", 20_000))}}"}""")).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "input", Code = "context_length_exceeded" });

    [Fact]
    public async Task Post_FullQueue_IsTooManyRequests()
    {
        var model = new FaultyModel(new ScriptedModel(ModelTokenizer.Load(DemonstrationModel.Path)), 0, () => new LlamaBusyException(1024));
        await using LocalServer server = await LocalServer.StartAsync(model);

        (await server.RefuseAsync(Path, """{"input": "a"}""")).Should().BeEquivalentTo(new { Status = HttpStatusCode.TooManyRequests, Code = "rate_limit_exceeded" });
    }

    private static float[] Read(JsonElement vector)
    {
        if (vector.ValueKind == JsonValueKind.Array)
            return [.. vector.EnumerateArray().Select(number => number.GetSingle())];
        byte[] bytes = vector.GetBytesFromBase64();
        return [.. Enumerable.Range(0, bytes.Length / sizeof(float)).Select(i => BitConverter.ToSingle(bytes, i * sizeof(float)))];
    }
}
