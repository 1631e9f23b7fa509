using System.Diagnostics;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Tests.Telemetry;

public class LlamaMetricsTests
{
    [Fact]
    public async Task Requests_OfAContainersModel_AreMeasured()
    {
        const string Name = "measured";
        using var recorder = new TelemetryRecorder(LlamaTelemetry.Name);
        var services = new ServiceCollection();
        services.AddMetrics();
        ILlamaBuilder llama = services.AddLlama(Name, options => (options.ModelPath, options.PromptFormat) = (DemonstrationModel.Path, "plain"));
        llama.AddChatClient();
        llama.AddEmbeddingGenerator();
        await using ServiceProvider provider = services.BuildServiceProvider();
        var client = provider.GetRequiredKeyedService<IChatClient>(Name);

        ChatResponse response = await client.GetResponseAsync(Chatting.Prompt, new ChatOptions { MaxOutputTokens = 5 });
        await client.Awaiting(it => it.GetResponseAsync(Chatting.Prompt, new ChatOptions { TopP = 7 })).Should().ThrowAsync<ArgumentException>();
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Chatting.Prompt))
            break;
        await client.Awaiting(it => it.GetResponseAsync(Chatting.Prompt, cancellationToken: new CancellationToken(canceled: true)))
            .Should().ThrowAsync<OperationCanceledException>();
        await provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(Name).GenerateAsync("Red");

        var model = provider.GetRequiredKeyedService<ILlamaModel>(Name);
        // The call that was left ends after the layer that is being computed.
        long start = TimeProvider.System.GetTimestamp();
        while (model.Statistics.RunningCount > 0)
        {
            TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromMinutes(1), "the call ends");
            await Task.Yield();
        }

        recorder.Observe();

        Values("llama2.calls.running").Should().Equal(0);
        Values("llama2.calls.waiting").Should().Equal(0);
        Values("llama2.calls.stalled").Should().Equal(0);
        Values("llama2.calls.abandoned").Should().Equal(0);
        Values("llama2.cache.used").Should().Equal(model.Statistics.KeyValueCacheUsedByteSize);
        Values("llama2.cache.limit").Should().Equal(model.Statistics.KeyValueCacheByteSize).And.NotContain(0);
        Values("llama2.model.load.duration").Should().ContainSingle().Which.Should().BePositive();
        Values("llama2.requests.active").Should().Equal(1, -1, 1, -1, 1, -1, 1, -1, 1, -1);
        Values("llama2.tokens", ("llama2.token.type", "prompt")).Should().HaveCount(2).And.StartWith((double)response.Usage!.InputTokenCount!);
        Values("llama2.tokens", ("llama2.token.type", "generated")).Should().HaveCount(2, "the tokens of the request that was left count too").And.StartWith(5).And.OnlyContain(value => value > 0);
        Values("llama2.prefill.rate").Should().ContainSingle().Which.Should().BePositive();
        Values("llama2.decode.rate").Should().ContainSingle().Which.Should().BePositive();
        Values("llama2.request.errors").Should().Equal([1], "what is cancelled is no error");
        Values("llama2.request.errors", ("error.type", typeof(ArgumentOutOfRangeException).FullName!)).Should().Equal(1);
        Values("gen_ai.server.request.duration", ("gen_ai.operation.name", "chat")).Should().HaveCount(4).And.OnlyContain(value => value > 0);
        Values("gen_ai.server.request.duration", ("gen_ai.operation.name", "embeddings")).Should().ContainSingle();
        Values("gen_ai.server.request.duration", ("error.type", typeof(ArgumentOutOfRangeException).FullName!)).Should().ContainSingle();
        Values("gen_ai.server.request.duration", ("error.type", typeof(OperationCanceledException).FullName!)).Should().ContainSingle();
        Values("gen_ai.server.request.duration", ("error.type", "abandoned")).Should().ContainSingle("one caller stopped reading");
        Values("gen_ai.server.time_to_first_token", ("gen_ai.provider.name", "llama2")).Should().ContainSingle().Which.Should().BePositive();
        Values("gen_ai.server.time_per_output_token", ("gen_ai.response.model", Name)).Should().ContainSingle().Which.Should().BePositive();
        Values("llama2.model.weights").Should().Equal(model.Statistics.WeightByteSize).And.NotContain(0);
        Values("llama2.cache.page").Should().Equal(model.Statistics.KeyValuePageByteSize).And.NotContain(0);
        Values("llama2.cache.used_pages").Should().Equal(0);

        IEnumerable<double> Values(string instrument, params (string Key, object Value)[] tags) => recorder.Measurements
            .Where(measurement => measurement.Name == instrument && Equals(measurement.Tags.GetValueOrDefault("llama2.model") ?? measurement.Tags.GetValueOrDefault("gen_ai.request.model"), Name))
            .Where(measurement => tags.All(tag => Equals(measurement.Tags.GetValueOrDefault(tag.Key), tag.Value)))
            .Select(measurement => measurement.Value);
    }

    [Fact]
    public async Task Activities_OfRequests_FollowTheConventionsForGenerativeModels()
    {
        const string Name = "traced";
        using var recorder = new TelemetryRecorder(LlamaTelemetry.Name);
        var services = new ServiceCollection();
        ILlamaBuilder llama = services.AddLlama(Name, options => (options.ModelPath, options.PromptFormat) = (DemonstrationModel.Path, "plain"));
        llama.AddChatClient();
        llama.AddEmbeddingGenerator();
        await using ServiceProvider provider = services.BuildServiceProvider();
        var client = provider.GetRequiredKeyedService<IChatClient>(Name);

        ChatResponse response = await client.GetResponseAsync(
            Chatting.Prompt, new ChatOptions { MaxOutputTokens = 5, Temperature = 0.7f, TopP = 0.9f, TopK = 30, FrequencyPenalty = 0.1f, PresencePenalty = 0.2f, Seed = 7, StopSequences = ["secret"] });
        await client.GetResponseAsync(Chatting.Prompt, new ChatOptions { MaxOutputTokens = 5, Temperature = 0 });
        await client.Awaiting(it => it.GetResponseAsync(Chatting.Prompt, new ChatOptions { TopP = 7 })).Should().ThrowAsync<ArgumentException>();
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Chatting.Prompt))
            break;
        await provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(Name).GenerateAsync("Red");

        Activity[] activities = [.. recorder.Activities.Where(activity => Equals(activity.GetTagItem("gen_ai.request.model"), Name))];
        activities.Select(activity => activity.DisplayName).Should().Equal("chat traced", "chat traced", "chat traced", "chat traced", "embeddings traced");
        Dictionary<string, object?> first = activities[0].TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value);
        first.Remove("gen_ai.response.time_to_first_chunk").Should().BeTrue();
        first.Remove("llama2.decode_time").Should().BeTrue();
        first.Should().BeEquivalentTo(new Dictionary<string, object>
        {
            ["gen_ai.operation.name"] = "chat",
            ["gen_ai.provider.name"] = "llama2",
            ["gen_ai.request.model"] = Name,
            ["gen_ai.response.model"] = Name,
            ["gen_ai.request.temperature"] = 0.7,
            ["gen_ai.request.top_p"] = 0.9,
            ["gen_ai.request.top_k"] = 30.0,
            ["gen_ai.request.frequency_penalty"] = 0.1,
            ["gen_ai.request.presence_penalty"] = 0.2,
            ["gen_ai.request.max_tokens"] = 5,
            ["gen_ai.request.seed"] = 7L,
            ["gen_ai.response.finish_reasons"] = new[] { "length" },
            ["gen_ai.usage.input_tokens"] = (int)response.Usage!.InputTokenCount!,
            ["gen_ai.usage.cache_read.input_tokens"] = (int)response.Usage.CachedInputTokenCount!,
            ["gen_ai.usage.output_tokens"] = 5,
        });
        activities[0].Status.Should().Be(ActivityStatusCode.Unset);
        activities[1].GetTagItem("gen_ai.usage.cache_read.input_tokens").Should().BeOfType<int>().Which.Should().BePositive();
        (activities[2].Status, activities[2].GetTagItem("error.type")).Should().Be((ActivityStatusCode.Error, typeof(ArgumentOutOfRangeException).FullName));
        activities[2].StatusDescription.Should().BeNull("a message may quote the prompt");
        (activities[3].Status, activities[3].GetTagItem("error.type")).Should().Be((ActivityStatusCode.Error, "abandoned"));
        activities[4].GetTagItem("gen_ai.operation.name").Should().Be("embeddings");
        activities[4].GetTagItem("gen_ai.usage.input_tokens").Should().BeOfType<long>().Which.Should().BePositive();
    }

    [Fact]
    public async Task RunningCalls_AreObservedWhileTheyRun()
    {
        const string Name = "observed";
        using var recorder = new TelemetryRecorder(LlamaTelemetry.Name);
        var services = new ServiceCollection();
        services.AddLlama(Name, options => (options.ModelPath, options.PromptFormat) = (DemonstrationModel.Path, "plain")).AddChatClient();
        await using ServiceProvider provider = services.BuildServiceProvider();
        await using (IAsyncEnumerator<ChatResponseUpdate> updates = provider.GetRequiredKeyedService<IChatClient>(Name)
            .GetStreamingResponseAsync(Chatting.Prompt, new ChatOptions { AdditionalProperties = new() { ["IgnoreEndOfSequence"] = true } }).GetAsyncEnumerator())
        {
            await updates.MoveNextAsync();
            recorder.Observe();
        }

        Observed("llama2.calls.running").Should().Equal(1);
        Observed("llama2.cache.used").Should().ContainSingle().Which.Should().BePositive();
        await provider.DisposeAsync();
        recorder.Observe();
        Observed("llama2.calls.running").Should().Equal([1], "models of a disposed container are not observed");

        IEnumerable<double> Observed(string instrument) => recorder.Measurements
            .Where(measurement => measurement.Name == instrument && Equals(measurement.Tags["llama2.model"], Name)).Select(measurement => measurement.Value);
    }
}
