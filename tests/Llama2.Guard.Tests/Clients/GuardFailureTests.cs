using Llama2.Tests;
using Microsoft.Extensions.AI;

namespace Llama2.Guard.Tests.Clients;

public class GuardFailureTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly ChatMessage[] s_question = [new(ChatRole.User, "Tell me.")];

    public static TheoryData<string, bool, bool> Failures
    {
        get
        {
            var data = new TheoryData<string, bool, bool>();
            foreach (string failure in (string[])["throws", "throws at once", "cancels itself", "returns null", "returns nonsense"])
            {
                foreach (bool isStreamed in (bool[])[false, true])
                {
                    data.Add(failure, isStreamed, false);
                    data.Add(failure, isStreamed, true);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Answer_GuardThatFails_IsWithheldOrPassedWithAMark(string failure, bool isStreamed, bool failOpen)
    {
        using var inner = new ScriptedClient("An ", "answer.");
        using var client = new GuardedChatClient(inner, GuardThat(failure), new GuardOptions { JudgeInput = false, FailOpen = failOpen, Refusal = "(withheld)" });

        ChatResponse response = isStreamed ? await client.GetStreamingResponseAsync(s_question).ToChatResponseAsync() : await client.GetResponseAsync(s_question);

        response.Text.Should().Be(failOpen ? "An answer." : "(withheld)");
        string reason = (string)ReportOf(response)[failOpen ? GuardProperties.FailedOpen : GuardProperties.Failure]!;
        reason.Should().BeOneOf("InvalidOperationException", "OperationCanceledException", "invalid verdict");
        reason.Should().NotContain("answer");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Question_GuardThatFails_DoesNotReachTheModelOrIsPassedWithAMark(bool isStreamed, bool failOpen)
    {
        using var inner = new ScriptedClient("An answer.");
        using var client = new GuardedChatClient(inner, GuardThat("throws"), new GuardOptions { JudgeOutput = false, FailOpen = failOpen });

        ChatResponse response = isStreamed ? await client.GetStreamingResponseAsync(s_question).ToChatResponseAsync() : await client.GetResponseAsync(s_question);

        inner.Requests.Should().HaveCount(failOpen ? 1 : 0);
        ReportOf(response)[failOpen ? GuardProperties.FailedOpen : GuardProperties.Failure].Should().Be("InvalidOperationException");
    }

    // A guard that waits for ever, with or without heed to its token, or blocks its thread.
    [Theory]
    [InlineData("heeds the token")]
    [InlineData("ignores the token")]
    [InlineData("blocks its thread")]
    public async Task Answer_GuardThatTakesTooLong_IsWithheld(string kind)
    {
        var time = new ManualTimeProvider();
        var isJudging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        var never = new TaskCompletionSource<GuardVerdict>();
        var guard = new WaitingGuard(token =>
        {
            isJudging.TrySetResult();
            if (kind == "blocks its thread")
                release.Wait(CancellationToken.None);
            return kind == "heeds the token" ? never.Task.WaitAsync(token) : never.Task;
        });
        using var inner = new ScriptedClient("An answer.");
        using var client = new GuardedChatClient(inner, guard, new GuardOptions { JudgeInput = false, Timeout = TimeSpan.FromSeconds(5), TimeProvider = time });

        Task<List<ChatResponseUpdate>> reading = client.GetStreamingResponseAsync(s_question).ToListAsync().AsTask();
        await isJudging.Task.WaitAsync(s_patience);
        while (!reading.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(6));
            await Task.Yield();
        }

        List<ChatResponseUpdate> updates = await reading;
        release.Set();
        updates.Should().ContainSingle().Which.AdditionalProperties![GuardProperties.Failure].Should().Be("timeout");
    }

    [Fact]
    public async Task Answer_CallerCancelsWhileTheGuardJudges_EndsWithoutText()
    {
        using var cancellation = new CancellationTokenSource();
        var never = new TaskCompletionSource<GuardVerdict>();
        var guard = new WaitingGuard(_ =>
        {
            cancellation.Cancel();
            return never.Task;
        });
        using var inner = new ScriptedClient("An answer.");
        using var client = new GuardedChatClient(inner, guard, new GuardOptions { JudgeInput = false, FailOpen = true });
        List<ChatResponseUpdate> updates = [];

        Func<Task> reading = async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(s_question, cancellationToken: cancellation.Token))
                updates.Add(update);
        };

        await reading.Should().ThrowAsync<OperationCanceledException>();
        updates.Should().BeEmpty();
        inner.OpenCount.Should().Be(0);
    }

    private static WaitingGuard GuardThat(string failure) => failure switch
    {
        "throws" => new WaitingGuard(async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException("cannot judge: An answer.");
        }),
        "throws at once" => new WaitingGuard(_ => throw new InvalidOperationException("cannot judge: An answer.")),
        "cancels itself" => new WaitingGuard(_ => throw new OperationCanceledException()),
        "returns null" => new WaitingGuard(_ => Task.FromResult<GuardVerdict>(null!)),
        _ => new WaitingGuard(_ => Task.FromResult(GuardVerdict.FromFindings([new(RuleCategories.Secret, "x", 5, 1000, GuardAction.Mask)]))),
    };

    // Where updates are combined, the properties of those with an id of a message become properties of the message.
    private static AdditionalPropertiesDictionary ReportOf(ChatResponse response) => response.AdditionalProperties ?? response.Messages[^1].AdditionalProperties!;
}
