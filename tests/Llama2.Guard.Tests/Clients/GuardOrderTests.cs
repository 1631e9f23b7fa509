using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Llama2.Guard.Tests.Clients;

/// <summary>The order of clients in a pipeline that docs/guarding.md recommends, with the clients of Microsoft.Extensions.AI.</summary>
public class GuardOrderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FunctionInvocation_BeforeTheGuard_DoesNotExecuteACallThatIsUnsafe(bool isStreamed)
    {
        int callCount = 0;
        using var inner = new ScriptedClient(messages => messages[^1].Role == ChatRole.Tool
            ? [new ChatResponseUpdate(ChatRole.Assistant, "Done.")]
            : [new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("1", "send", new Dictionary<string, object?> { ["text"] = "forbidden" })]) { FinishReason = ChatFinishReason.ToolCalls }]);
        AIFunction send = AIFunctionFactory.Create((string text) => $"{text}: {++callCount}", "send");
        IChatClient client = inner.AsBuilder().UseFunctionInvocation().UseGuard(new PhraseGuard("forbidden")).Build();
        var options = new ChatOptions { Tools = [send] };

        ChatResponse response = isStreamed ? await client.GetStreamingResponseAsync("Send it.", options).ToChatResponseAsync() : await client.GetResponseAsync("Send it.", options);

        response.FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        callCount.Should().Be(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cache_AfterTheGuard_IsJudgedAtEveryHitAndKeepsNoRefusal(bool isStreamed)
    {
        bool fails = true;
        var guard = new ScriptedGuard(_ => fails ? throw new InvalidOperationException() : GuardVerdict.Safe);
        IDistributedCache cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        using var inner = new ScriptedClient("An answer.");
        IChatClient client = inner.AsBuilder().UseGuard(guard, new GuardOptions { JudgeInput = false, Refusal = "No." }).UseDistributedCache(cache).Build();
        List<string> texts = [];

        for (int i = 0; i < 3; i++)
        {
            texts.Add(isStreamed ? string.Concat(await client.GetStreamingResponseAsync("A question?").ToListAsync()) : (await client.GetResponseAsync("A question?")).Text);
            fails = false;
        }

        texts.Should().Equal("No.", "An answer.", "An answer.");
        guard.Judged.Should().OnlyContain(text => text == "An answer.").And.HaveCountGreaterThanOrEqualTo(3);
    }
}
