using System.Net;
using System.Text.Json;
using Llama2.Server.Description;
using Llama2.Server.Endpoints;
using Llama2.Server.Models;
using Llama2.Server.Tests.Models;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace Llama2.Server.Tests.Description;

public sealed class ApiDescriptionTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Question = """{"role": "user", "content": "What sound does a cow make?"}""";
    private const string Tool = """{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"enum": ["Oslo", "Rome"]}}, "required": ["city"]}}}""";

    [Fact]
    public void Document_ReaderOfOpenApi_FindsNoFault()
    {
        ReadResult result = OpenApiDocument.Parse(DescribedSchemas.Document.ToJsonString(), "json");

        result.Diagnostic!.Errors.Should().BeEmpty();
        result.Diagnostic.Warnings.Should().BeEmpty();
        result.Diagnostic.SpecificationVersion.Should().Be(OpenApiSpecVersion.OpenApi3_1);
        result.Document!.Paths.Should().HaveCount(DescribedSchemas.Document["paths"]!.AsObject().Count);
    }

    [Fact]
    public async Task Get_Operations_AreTheMappedRoutes()
    {
        using HttpResponseMessage response = await storyteller.Server.Client.GetAsync(new Uri(ApiDescription.Path, UriKind.Relative));
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        IEnumerable<string> routes =
            from endpoint in storyteller.Server.Endpoints.OfType<RouteEndpoint>()
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
            // HEAD is GET without a body. The page and its files are for people, not for programs.
            where method != "HEAD" && endpoint.RoutePattern.RawText is not "/" && !endpoint.RoutePattern.RawText!.StartsWith("/page/", StringComparison.Ordinal)
            // These exist only to say what is wrong.
            where !OtherAddresses.WithoutVersion.Contains(endpoint.RoutePattern.RawText)
            select $"{method} {endpoint.RoutePattern.RawText!.Replace("{**", "{", StringComparison.Ordinal)}";

        DescribedSchemas.OperationsOf(await response.Content.ReadAsStringAsync()).Should().BeEquivalentTo(routes);
    }

    [Fact]
    public void Document_References_LeadToSomething()
    {
        string text = DescribedSchemas.Document.ToJsonString();
        string[] names = [.. DescribedSchemas.Document["components"]!["schemas"]!.AsObject().Select(schema => schema.Key)];

        System.Text.RegularExpressions.Regex.Matches(text, "#/components/schemas/(\\w+)").Select(match => match.Groups[1].Value).Distinct()
            .Should().BeSubsetOf(names).And.Contain("ChatCompletion");
    }

    [Theory]
    [InlineData("/v1/chat/completions", $$"""{"messages": [{{Question}}], "max_tokens": 5}""")]
    [InlineData("/v1/chat/completions", $$"""{"messages": [{{Question}}], "max_tokens": 5, "n": 2, "logprobs": true, "top_logprobs": 2}""")]
    [InlineData("/v1/chat/completions", $$"""{"messages": [{{Question}}], "max_tokens": 100, "tool_choice": "required", "tools": [{{Tool}}]}""")]
    [InlineData("/v1/completions", """{"prompt": "Once", "max_tokens": 5}""")]
    [InlineData("/v1/completions", """{"prompt": ["Once", "A"], "max_tokens": 3, "logprobs": 2}""")]
    [InlineData("/v1/embeddings", """{"input": ["A cow", "A bear"]}""")]
    [InlineData("/v1/embeddings", """{"input": "A cow", "encoding_format": "base64"}""")]
    [InlineData("/v1/messages", $$"""{"messages": [{{Question}}], "max_tokens": 5}""")]
    [InlineData("/v1/messages", $$$"""{"messages": [{{{Question}}}], "max_tokens": 100, "tool_choice": {"type": "any"}, "tools": [{"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"enum": ["Oslo", "Rome"]}}, "required": ["city"]}}]}""")]
    [InlineData("/v1/messages/count_tokens", $$"""{"messages": [{{Question}}]}""")]
    [InlineData("/v1/responses", """{"input": "What sound does a cow make?", "max_output_tokens": 5}""")]
    [InlineData("/v1/responses", """{"input": "Is it cold?", "max_output_tokens": 100, "tool_choice": "required", "tools": [{"type": "function", "name": "get_weather"}]}""")]
    [InlineData("/tokenize", """{"content": "A cow"}""")]
    [InlineData("/tokenize", """{"content": "A cow é", "with_pieces": true}""")]
    [InlineData("/detokenize", """{"tokens": [360, 938]}""")]
    public async Task Post_Answer_FitsItsSchema(string path, string body)
    {
        JsonElement answer = await storyteller.Server.AskAsync(path, body);

        DescribedSchemas.ShouldFit(answer, DescribedSchemas.Of(path, "post", 200));
        DescribedSchemas.ShouldFit(JsonElement.Parse(body), RequestSchemaOf(path));
    }

    [Theory]
    [InlineData("/v1/chat/completions", "ChatCompletionChunk", $$"""{"messages": [{{Question}}], "stream": true, "stream_options": {"include_usage": true}, "logprobs": true}""")]
    [InlineData("/v1/chat/completions", "ChatCompletionChunk", $$"""{"messages": [{{Question}}], "max_tokens": 100, "stream": true, "tool_choice": "required", "tools": [{{Tool}}]}""")]
    [InlineData("/v1/completions", "Completion", """{"prompt": "Once", "max_tokens": 5, "stream": true, "logprobs": 1, "stream_options": {"include_usage": true}}""")]
    public async Task Post_Events_FitTheirSchema(string path, string schema, string body)
    {
        string[] events = await storyteller.Server.StreamAsync(path, body);

        events.Should().HaveCountGreaterThan(2);
        foreach (string item in events.SkipLast(1))
            DescribedSchemas.ShouldFit(JsonElement.Parse(item), DescribedSchemas.Named(schema));
        events[^1].Should().Be("[DONE]");
    }

    [Theory]
    [InlineData("/v1/models", "/v1/models")]
    [InlineData("/v1/models/{id}", $"/v1/models/{Storyteller.Name}")]
    [InlineData("/props", "/props")]
    [InlineData("/health", "/health")]
    [InlineData("/v1/health", "/v1/health")]
    [InlineData("/health/ready", "/health/ready")]
    [InlineData("/health/live", "/health/live")]
    [InlineData("/openapi.json", "/openapi.json")]
    public async Task Get_Answer_FitsItsSchema(string path, string address) => DescribedSchemas.ShouldFit(
        JsonElement.Parse(await storyteller.Server.Client.GetStringAsync(new Uri(address, UriKind.Relative))), DescribedSchemas.Of(path, "get", 200));

    [Theory]
    [InlineData("/v1/chat/completions", "{}", 400)]
    [InlineData("/v1/completions", """{"prompt": "a", "model": "none"}""", 404)]
    [InlineData("/v1/embeddings", "[", 400)]
    [InlineData("/v1/messages", "{}", 400)]
    [InlineData("/v1/messages/count_tokens", """{"messages": [{"role": "user", "content": "a"}], "model": "none"}""", 404)]
    [InlineData("/tokenize", """{"content": 1}""", 400)]
    [InlineData("/detokenize", """{"tokens": [-1]}""", 400)]
    public async Task Post_Error_FitsItsSchema(string path, string body, int status)
    {
        using HttpResponseMessage response = await storyteller.Server.PostAsync(path, body);

        ((int)response.StatusCode).Should().Be(status);
        DescribedSchemas.ShouldFit(JsonElement.Parse(await response.Content.ReadAsStringAsync()), DescribedSchemas.Of(path, "post", status));
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    public async Task Get_HealthWithoutAModel_FitsItsSchema(string path)
    {
        await using LocalServer server = await LocalServer.StartAsync(_ => { }, catalog: new StubCatalog(ModelReadiness.Failed));

        using HttpResponseMessage response = await server.Client.GetAsync(new Uri(path, UriKind.Relative));

        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        DescribedSchemas.ShouldFit(JsonElement.Parse(await response.Content.ReadAsStringAsync()), DescribedSchemas.Of(path, "get", 503));
    }

    [Fact]
    public void ShouldFit_AnswerWithAFieldThatIsNotDescribed_Fails() => FluentActions.Invoking(() => DescribedSchemas.ShouldFit(
        JsonElement.Parse("""{"status": "ok", "more": 1}"""), DescribedSchemas.Named("Health"))).Should().Throw<Exception>();

    private static Json.Schema.JsonSchema RequestSchemaOf(string path)
    {
        string reference = DescribedSchemas.Document["paths"]![path]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"]!.GetValue<string>();
        return DescribedSchemas.Named(reference.Split('/')[^1]);
    }
}
