namespace Llama2.Templating.Limits;

/// <summary>
/// A clock whose time of day never advances, so that a template that writes the time renders a conversation and its parts with the same time.
/// </summary>
internal sealed class StoppedClock : TimeProvider
{
    private readonly DateTimeOffset _now = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _now;
}
