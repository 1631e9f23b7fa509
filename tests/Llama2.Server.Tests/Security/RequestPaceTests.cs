using Llama2.Server.Accounting;
using Llama2.Server.Security;
using Llama2.Tests;

namespace Llama2.Server.Tests.Security;

public sealed class RequestPaceTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly RequestPace _pace = new();

    [Fact]
    public void RetryAfterSeconds_NothingIsKnown_IsOne() => _pace.RetryAfterSeconds.Should().Be(1);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(13, 7)]
    [InlineData(600, 60)]
    public void RetryAfterSeconds_Requests_IsHalfOfTheirTimeAndAtMostAMinute(int seconds, int expected)
    {
        End(seconds, generatedCount: 1, isAborted: false);

        _pace.RetryAfterSeconds.Should().Be(expected);
    }

    [Fact]
    public void RetryAfterSeconds_RefusedAndAbortedRequests_DoNotCount()
    {
        End(20, generatedCount: 5, isAborted: false);
        End(0, generatedCount: 0, isAborted: false);
        End(0, generatedCount: 1, isAborted: true);

        _pace.RetryAfterSeconds.Should().Be(10);
    }

    [Fact]
    public void RetryAfterSeconds_ManyFasterRequests_FollowsThem()
    {
        End(60, generatedCount: 1, isAborted: false);
        for (int i = 0; i < 50; i++)
            End(4, generatedCount: 1, isAborted: false);

        _pace.RetryAfterSeconds.Should().BeInRange(2, 3);
    }

    private void End(int seconds, int generatedCount, bool isAborted)
    {
        var record = new RequestRecord("/v1/chat/completions", _clock, new LlamaServerOptions());
        record.AddGenerated(generatedCount);
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        record.End(200, isAborted);
        _pace.OnEnded(record);
    }
}
