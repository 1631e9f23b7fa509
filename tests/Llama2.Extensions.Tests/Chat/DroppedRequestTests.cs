using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Llama2.Extensions.Telemetry;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests.Chat;

/// <summary>Requests whose enumeration is abandoned without being disposed.</summary>
public class DroppedRequestTests
{
    [Fact]
    public async Task GetStreamingResponseAsync_EnumeratorThatIsDropped_EndsAndFreesItsConversationWhenItIsCollected()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain });
        var talk = new ChatOptions { ConversationId = "talk", AdditionalProperties = new() { ["ignore_end_of_sequence"] = true } };
        await DropAsync(client, talk);
        await FluentActions.Awaiting(() => client.GetResponseAsync("And?", talk)).Should().ThrowAsync<InvalidOperationException>();

        long start = TimeProvider.System.GetTimestamp();
        while (model.Statistics is not { RunningCount: 0, KeyValueCacheUsedByteSize: 0, AbandonedCount: 1 })
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromSeconds(30));
        }

        talk.MaxOutputTokens = 2;
        (await client.GetResponseAsync("And?", talk)).ConversationId.Should().Be("talk");
    }

    [Fact]
    public async Task GetStreamingResponseAsync_EnumeratorThatIsDroppedAfterTheLastUpdate_KeepsTheAnswer()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain });
        var disposed = new ChatOptions { ConversationId = "disposed", Temperature = 0, MaxOutputTokens = 4 };
        var dropped = new ChatOptions { ConversationId = "dropped", Temperature = 0, MaxOutputTokens = 4 };
        await client.GetResponseAsync(Chatting.Prompt, disposed);
        await DropAfterLastAsync(client, dropped);

        ChatResponse expected = await client.GetResponseAsync("And?", disposed), next = await AnswerWhenCollectedAsync(client, dropped);

        next.Usage!.InputTokenCount.Should().Be(expected.Usage!.InputTokenCount);
        next.Text.Should().Be(expected.Text);
    }

    // The application's listener does not run on the finalizer's thread, where an exception would end the process.
    [Fact]
    public void RequestMeasurement_DroppedWhileAListenerThrows_IsMeasuredOnTheThreadPool()
    {
        const string ModelId = "dropped measurement";
        using var measured = new ManualResetEventSlim();
        bool isOnThreadPool = false;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, it) =>
            {
                if (instrument.Meter.Name == LlamaTelemetry.Name && instrument.Name == "llama2.requests.active")
                    it.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (value > 0 || !tags.ToArray().Any(tag => ModelId.Equals(tag.Value)))
                return;
            isOnThreadPool = Thread.CurrentThread.IsThreadPoolThread;
            measured.Set();
            throw new InvalidOperationException("The listener's own fault.");
        });
        listener.Start();
        DropMeasurement(ModelId);

        long start = TimeProvider.System.GetTimestamp();
        while (!measured.IsSet)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromSeconds(30));
        }

        isOnThreadPool.Should().BeTrue();
    }

    [Fact]
    public void AddLlama_ReaderIdleLimit_IsOfTheConfiguration()
    {
        Read("00:01:30").Value.ToModelOptions().ReaderIdleLimit.Should().Be(TimeSpan.FromSeconds(90));
        FluentActions.Invoking(() => Read("00:00:00").Value).Should().Throw<OptionsValidationException>().WithMessage("*LlamaOptions.ReaderIdleLimit*");
    }

    private static IOptions<LlamaOptions> Read(string limit)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Llama:ModelPath"] = DemonstrationModel.Path, ["Llama:ReaderIdleLimit"] = limit })
            .Build();
        return new ServiceCollection().AddLlama(configuration.GetSection("Llama")).Services.BuildServiceProvider().GetRequiredService<IOptions<LlamaOptions>>();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DropMeasurement(string modelId) => _ = LlamaMetrics.Shared.StartRequest("chat", modelId);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task DropAfterLastAsync(LlamaChatClient client, ChatOptions options)
    {
        IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync(Chatting.Prompt, options).GetAsyncEnumerator();
        do
        {
            (await updates.MoveNextAsync()).Should().BeTrue();
        }
        while (updates.Current.FinishReason is null);
    }

    private static async Task<ChatResponse> AnswerWhenCollectedAsync(LlamaChatClient client, ChatOptions options)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            try
            {
                return await client.GetResponseAsync("And?", options);
            }
            catch (InvalidOperationException) when (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30))
            {
                // The abandoned request has not released the conversation yet.
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task DropAsync(LlamaChatClient client, ChatOptions options)
        => (await client.GetStreamingResponseAsync(Chatting.Prompt, options).GetAsyncEnumerator().MoveNextAsync()).Should().BeTrue();
}
