using System.Diagnostics;
using Llama2.Extensions;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;
using UnitTesting;

namespace Llama2.Server.Tests.Monitoring;

/// <summary>The spans of requests, as OpenTelemetry's SDK receives them.</summary>
public sealed class TracesTests
{
    private const string Secret = "xylophone";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages": [{"role": "user", "content": "xylophone"}], "max_tokens": 4, "temperature": 0.5, "stop": ["xylophone"]}""", "chat", 1)]
    [InlineData("/v1/chat/completions", """{"messages": [{"role": "user", "content": "xylophone"}], "max_tokens": 4, "temperature": 0.5, "stream": true, "n": 3}""", "chat", 3)]
    [InlineData("/v1/completions", """{"prompt": "xylophone", "max_tokens": 4, "temperature": 0.5, "stop": "xylophone"}""", "text_completion", 1)]
    [InlineData("/v1/completions", """{"prompt": ["xylophone", "b"], "max_tokens": 4, "temperature": 0.5, "stream": true}""", "text_completion", 2)]
    public async Task Post_Generation_HasASpanForEachChoiceBelowTheRequest(string path, string body, string operation, int count)
    {
        List<Activity> spans = await TraceAsync(services => services.AddLlama(DemonstrationModel.Path), path, body);

        Activity request = spans.Should().ContainSingle(span => span.Kind == ActivityKind.Server).Subject;
        request.DisplayName.Should().Be($"POST {path}");
        request.GetTagItem("http.response.status_code").Should().BeOfType<int>().Which.Should().Be(200);
        Activity[] choices = [.. spans.Where(span => span.Source.Name == LlamaTelemetry.Name && span.OperationName != "load")];
        choices.Should().HaveCount(count);
        choices.Should().OnlyContain(span => span.ParentSpanId == request.SpanId && span.TraceId == request.TraceId && span.DisplayName == $"{operation} {Storyteller.Name}");
        foreach (Activity choice in choices)
        {
            choice.GetTagItem("gen_ai.operation.name").Should().BeOfType<string>().Which.Should().Be(operation);
            choice.GetTagItem("gen_ai.provider.name").Should().Be("llama2");
            choice.GetTagItem("gen_ai.request.model").Should().BeOfType<string>().Which.Should().Be(Storyteller.Name);
            choice.GetTagItem("gen_ai.response.model").Should().BeOfType<string>().Which.Should().Be(Storyteller.Name);
            choice.GetTagItem("gen_ai.request.temperature").Should().BeOfType<double>().Which.Should().Be(0.5);
            choice.GetTagItem("gen_ai.request.max_tokens").Should().BeOfType<int>().Which.Should().Be(4);
            choice.GetTagItem("gen_ai.usage.input_tokens").Should().BeOfType<int>().Which.Should().BePositive();
            choice.GetTagItem("gen_ai.usage.output_tokens").Should().BeOfType<int>().Which.Should().BeInRange(1, 4);
            choice.GetTagItem("gen_ai.response.finish_reasons").Should().BeOfType<string[]>().Which.Should().ContainSingle().Which.Should().BeOneOf("stop", "length");
            choice.GetTagItem("error.type").Should().BeNull();
        }

        TextsOf(spans).Should().NotContain(text => text.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_Embeddings_HaveASpanBelowTheRequest()
    {
        List<Activity> spans = await TraceAsync(services => services.AddLlama(DemonstrationModel.Path), "/v1/embeddings", $$"""{"input": ["{{Secret}}", "b"]}""");

        Activity request = spans.Single(span => span.Kind == ActivityKind.Server), embeddings = spans.Single(span => span.OperationName == "embeddings");
        embeddings.ParentSpanId.Should().Be(request.SpanId);
        embeddings.DisplayName.Should().Be($"embeddings {Storyteller.Name}");
        embeddings.GetTagItem("gen_ai.usage.input_tokens").Should().BeOfType<long>().Which.Should().BePositive();
        TextsOf(spans).Should().NotContain(text => text.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages": [{"role": "user", "content": "Well?"}]}""", "chat")]
    [InlineData("/v1/completions", """{"prompt": "Well?"}""", "text_completion")]
    [InlineData("/v1/embeddings", """{"input": "Well?"}""", "embeddings")]
    public async Task Post_ModelFails_HasTheTypeOfTheErrorButNotItsMessage(string path, string body, string operation)
    {
        var model = new FaultyModel(new ScriptedModel(s_tokenizer), 0, () => new InvalidDataException(Secret));

        List<Activity> spans = await TraceAsync(
            services =>
            {
                services.AddSingleton<ILlamaModel>(model);
                services.AddLlama("script.gguf");
            },
            path,
            body);

        Activity failed = spans.Single(span => span.OperationName == operation);
        (failed.Status, failed.GetTagItem("error.type")).Should().Be((ActivityStatusCode.Error, "System.IO.InvalidDataException"));
        spans.Single(span => span.Kind == ActivityKind.Server).GetTagItem("http.response.status_code").Should().BeOfType<int>().Which.Should().Be(500);
        TextsOf(spans).Should().NotContain(text => text.Contains(Secret, StringComparison.Ordinal));
    }

    // The spans of one request. The server has stopped, so all of them have ended. Servers of other tests have spans of the same sources, but of other traces.
    private static async Task<List<Activity>> TraceAsync(Action<IServiceCollection> addModel, string path, string body)
    {
        List<Activity> spans = [];
        var trace = ActivityTraceId.CreateRandom();
        await using (LocalServer server = await LocalServer.StartAsync(services =>
        {
            addModel(services);
            services.AddOpenTelemetry().WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddSource(LlamaTelemetry.Name).AddInMemoryExporter(spans));
        }))
        {
            server.Client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
            using HttpResponseMessage response = await server.PostAsync(path, body);
            await response.Content.ReadAsStringAsync();
            await server.StopAsync();
        }

        return [.. spans.Where(span => span.TraceId == trace)];
    }

    private static IEnumerable<string> TextsOf(IEnumerable<Activity> spans) =>
        from span in spans
        from text in span.TagObjects.Select(tag => tag.Value).Append(span.DisplayName).Append(span.StatusDescription)
            .Concat(span.Events.SelectMany(item => item.Tags.Select(tag => tag.Value).Append(item.Name)))
        select text is string[] many ? string.Join(' ', many) : text?.ToString() ?? "";
}
