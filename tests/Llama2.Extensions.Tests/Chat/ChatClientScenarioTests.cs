using System.Diagnostics;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

// The reducers belong to the experimental part of Microsoft.Extensions.AI.
#pragma warning disable MEAI001

namespace Llama2.Extensions.Tests.Chat;

/// <summary>
/// The scenarios of Microsoft.Extensions.AI's own integration tests for chat clients, except those that need tools or JSON; the names are the
/// original ones.
/// </summary>
public sealed class ChatClientScenarioTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    [Fact]
    public async Task GetResponseAsync_SingleRequestMessage()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        ChatResponse response = await client.GetResponseAsync(Chatting.Prompt, Chatting.Greedy);

        response.Text.Should().StartWith(", there was a quiet boy named Finn.").And.EndWith("happy ever after.");
        response.Messages.Should().ContainSingle().Which.Role.Should().Be(ChatRole.Assistant);
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task GetResponseAsync_MultipleRequestMessages()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        ChatResponse response = await client.GetResponseAsync(
            [new(ChatRole.User, "Once"), new(ChatRole.Assistant, " upon"), new(ChatRole.User, " a time")], Chatting.Greedy);

        response.Text.Should().StartWith(", there was a quiet boy named Finn.");
    }

    [Fact]
    public async Task GetResponseAsync_WithEmptyMessage()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        ChatResponse response = await client.GetResponseAsync(
            [new(ChatRole.System, []), new(ChatRole.User, []), new(ChatRole.Assistant, []), new(ChatRole.User, Chatting.Prompt)], Chatting.Greedy);

        response.Text.Should().StartWith(", there was a quiet boy named Finn.");
    }

    [Fact]
    public async Task GetStreamingResponseAsync()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(Chatting.Prompt, Chatting.Greedy).ToListAsync();

        updates.Should().HaveCountGreaterThan(10);
        string.Concat(updates.Select(update => update.Text)).Should().Be((await client.GetResponseAsync(Chatting.Prompt, Chatting.Greedy)).Text);
    }

    [Fact]
    public async Task GetResponseAsync_UsageDataAvailable()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        ChatResponse response = await client.GetResponseAsync(Chatting.Prompt, new ChatOptions { MaxOutputTokens = 9 });

        int promptTokenCount = demonstration.Model.Tokenizer.Encode(Chatting.Prompt, addBeginOfSequence: true).Length;
        response.Usage!.InputTokenCount.Should().Be(promptTokenCount);
        response.Usage.OutputTokenCount.Should().Be(9);
        response.Usage.TotalTokenCount.Should().Be(promptTokenCount + 9);
        response.Usage.CachedInputTokenCount.Should().BeInRange(0, promptTokenCount - 1);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_UsageDataAvailable()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        ChatOptions options = new() { MaxOutputTokens = 9, AdditionalProperties = new() { ["stream_options"] = new Dictionary<string, object>() } };

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(Chatting.Prompt, options).ToListAsync();

        UsageDetails usage = updates.SelectMany(update => update.Contents).OfType<UsageContent>().Should().ContainSingle().Which.Details;
        usage.InputTokenCount.Should().BeGreaterThan(1);
        usage.OutputTokenCount.Should().Be(9);
        usage.TotalTokenCount.Should().Be(usage.InputTokenCount + usage.OutputTokenCount);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_AppendToHistory()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        List<ChatMessage> history = [new(ChatRole.User, Chatting.Prompt)];

        await history.AddMessagesAsync(client.GetStreamingResponseAsync(history, Chatting.Greedy));

        history.Should().HaveCount(2);
        history[1].Role.Should().Be(ChatRole.Assistant);
        history[1].Contents.Should().ContainSingle().Which.Should().BeOfType<TextContent>().Which.Text.Should().Be(history[1].Text).And.NotBeEmpty();
    }

    [Fact]
    public async Task Caching_BeforeFunctionInvocation()
    {
        int calls = 0;
        using IChatClient client = demonstration.CreateClient().AsBuilder()
            .UseDistributedCache(Cache())
            .UseFunctionInvocation()
            .Use((messages, options, next, cancellationToken) =>
            {
                calls++;
                return next(messages, options, cancellationToken);
            })
            .Build();
        ChatOptions options = new() { MaxOutputTokens = 12, Seed = 3 };

        ChatResponse first = await client.GetResponseAsync(Chatting.Prompt, options);
        ChatResponse same = await client.GetResponseAsync(Chatting.Prompt, options);
        ChatResponse other = await client.GetResponseAsync("One day", options);

        calls.Should().Be(2);
        same.Text.Should().Be(first.Text);
        same.Usage!.TotalTokenCount.Should().Be(first.Usage!.TotalTokenCount);
        same.FinishReason.Should().Be(ChatFinishReason.Length);
        other.ResponseId.Should().NotBe(first.ResponseId);
    }

    [Fact]
    public async Task Caching_OfAStream_GivesTheSameStream()
    {
        using IChatClient client = demonstration.CreateClient().AsBuilder().UseDistributedCache(Cache()).Build();

        // Without a seed, a second answer that did not come from the cache would differ from the first.
        ChatOptions options = new() { MaxOutputTokens = 20, Temperature = 5, TopK = 0, TopP = 1 };
        ChatResponse first = await client.GetStreamingResponseAsync(Chatting.Prompt, options).ToChatResponseAsync();
        ChatResponse same = await client.GetStreamingResponseAsync(Chatting.Prompt, options).ToChatResponseAsync();

        same.Text.Should().Be(first.Text);
        same.ResponseId.Should().Be(first.ResponseId);
    }

    [Fact]
    public async Task Logging_LogsCalls_NonStreaming()
    {
        using var log = new RecordingLoggerFactory();
        using IChatClient client = demonstration.CreateClient().AsBuilder().UseLogging(log).Build();

        await client.GetResponseAsync(Chatting.Prompt, new ChatOptions { MaxOutputTokens = 2 });

        log.Entries.Should().HaveCount(2);
        log.Entries[0].Message.Should().StartWith("GetResponseAsync invoked").And.Contain(Chatting.Prompt);
        log.Entries[1].Message.Should().StartWith("GetResponseAsync completed").And.Contain("length");
    }

    [Fact]
    public async Task Logging_LogsCalls_Streaming()
    {
        using var log = new RecordingLoggerFactory();
        using IChatClient client = demonstration.CreateClient().AsBuilder().UseLogging(log).Build();

        await client.GetStreamingResponseAsync(Chatting.Prompt, new ChatOptions { MaxOutputTokens = 5 }).ToListAsync();

        log.Entries[0].Message.Should().StartWith("GetStreamingResponseAsync invoked");
        log.Entries[^1].Message.Should().StartWith("GetStreamingResponseAsync completed");
        log.Entries.Should().HaveCountGreaterThan(2);
    }

    [Fact]
    public async Task OpenTelemetry_CanEmitTracesAndMetrics()
    {
        string source = Guid.NewGuid().ToString();
        using var recorder = new TelemetryRecorder(source);
        using IChatClient client = demonstration.CreateClient().AsBuilder().UseOpenTelemetry(sourceName: source).Build();

        ChatResponse response = await client.GetResponseAsync(Chatting.Prompt, new ChatOptions { MaxOutputTokens = 3 });

        Activity activity = recorder.Activities.Should().ContainSingle().Which;
        activity.DisplayName.Should().StartWith("chat");
        activity.GetTagItem("gen_ai.provider.name").Should().Be("llama2");
        activity.GetTagItem("server.address").Should().Be("127.0.0.1");
        activity.GetTagItem("server.port").Should().BeOfType<int>().Which.Should().Be(client.GetService<ChatClientMetadata>()!.ProviderUri!.Port);
        activity.GetTagItem("gen_ai.response.model").Should().Be(response.ModelId);
        activity.GetTagItem("gen_ai.response.id").Should().Be(response.ResponseId);
        activity.GetTagItem("gen_ai.usage.input_tokens").Should().BeOfType<int>().Which.Should().Be((int)response.Usage!.InputTokenCount!);
        activity.GetTagItem("gen_ai.usage.output_tokens").Should().BeOfType<int>().Which.Should().Be(3);
        recorder.Measurements.Select(measurement => measurement.Name).Should().Contain(["gen_ai.client.operation.duration", "gen_ai.client.token.usage"]);
    }

    [Fact]
    public async Task MessageCountingChatReducer_LeavesOutOldMessages()
    {
        using IChatClient client = demonstration.CreateClient().AsBuilder().UseChatReducer(new MessageCountingChatReducer(1)).Build();

        ChatResponse response = await client.GetResponseAsync(
            [new(ChatRole.User, "One day a cat"), new(ChatRole.Assistant, " ran away."), new(ChatRole.User, Chatting.Prompt)], Chatting.Greedy);

        response.Text.Should().StartWith(", there was a quiet boy named Finn.");
    }

    [Fact]
    public async Task SummarizingChatReducer_SummarizesWithTheClientItself()
    {
        using LlamaChatClient inner = demonstration.CreateClient();
        using IChatClient client = inner.AsBuilder().UseChatReducer(new SummarizingChatReducer(inner, targetCount: 1, threshold: 0)).Build();
        List<ChatMessage> history =
        [
            new(ChatRole.User, "Tim had a dog."), new(ChatRole.Assistant, "It ran."), new(ChatRole.User, "It ran far."), new(ChatRole.Assistant, "Tim ran too."),
            new(ChatRole.User, "Then?"),
        ];

        ChatResponse response = await client.GetResponseAsync(history, new ChatOptions { MaxOutputTokens = 4, Temperature = 0 });

        response.Usage!.OutputTokenCount.Should().BeInRange(1, 4);
    }

    [Fact]
    public async Task ConfigureOptions_DefaultsOfThePipeline_ReachTheModel()
    {
        using IChatClient client = demonstration.CreateClient().AsBuilder().ConfigureOptions(options => options.MaxOutputTokens ??= 2).Build();

        (await client.GetResponseAsync(Chatting.Prompt)).Usage!.OutputTokenCount.Should().Be(2);
    }

    private static MemoryDistributedCache Cache() => new(Options.Create(new MemoryDistributedCacheOptions()));
}
