namespace Llama2.Extensions.Tests;

/// <summary>A clock that advances by one step each time it is read.</summary>
internal sealed class SteppingTimeProvider(TimeSpan step) : TimeProvider
{
    private long _timestamp;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Add(ref _timestamp, step.Ticks);
}
