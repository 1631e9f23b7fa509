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
        while (model.Statistics.RunningCount > 0)
            await Task.Yield();
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
        Values("llama2.tokens", ("llama2.token.type", "generated")).Should().Equal(5);
        Values("llama2.prefill.rate").Should().ContainSingle().Which.Should().BePositive();
        Values("llama2.decode.rate").Should().ContainSingle().Which.Should().BePositive();
        Values("llama2.request.errors").Should().Equal([1], "what is cancelled is no error");
        Values("llama2.request.errors", ("error.type", typeof(ArgumentOutOfRangeException).FullName!)).Should().Equal(1);
        Activity[] activities = [.. recorder.Activities.Where(activity => Equals(activity.GetTagItem("llama2.model"), Name))];
        activities.Select(activity => activity.OperationName).Should().Equal("chat", "chat", "chat", "chat", "embeddings");
        activities[0].GetTagItem("llama2.generated.tokens").Should().BeOfType<int>().Which.Should().Be(5);
        activities[1].Status.Should().Be(ActivityStatusCode.Error);

        IEnumerable<double> Values(string instrument, params (string Key, object Value)[] tags) => recorder.Measurements
            .Where(measurement => measurement.Name == instrument && Equals(measurement.Tags["llama2.model"], Name))
            .Where(measurement => tags.All(tag => Equals(measurement.Tags[tag.Key], tag.Value)))
            .Select(measurement => measurement.Value);
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
