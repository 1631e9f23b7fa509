using System.Runtime.CompilerServices;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests;

/// <summary>What becomes of requests whose enumeration is neither read on nor disposed.</summary>
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
    private static async Task DropAsync(LlamaChatClient client, ChatOptions options)
        => (await client.GetStreamingResponseAsync(Chatting.Prompt, options).GetAsyncEnumerator().MoveNextAsync()).Should().BeTrue();
}
