namespace Llama2.Extensions.Routing;

/// <summary>
/// The ranges of the options of a router. The command <c>llama2 serve</c>, whose options set the options of a router, is compiled with this file, too.
/// </summary>
internal static class RouterRanges
{
    /// <summary>The minimum of <c>MemoryByteSize</c>, in bytes: 1 MiB.</summary>
    public const long MinMemoryByteSize = 1 << 20;

    /// <summary>The range of times in words.</summary>
    public const string Times = "from 1 millisecond to 30 days";

    private const int MaxContextCount = 64;

    /// <summary>The range of <c>ContextCount</c> in words.</summary>
    public static string ContextCounts { get; } = FormattableString.Invariant($"from 1 to {MaxContextCount}");

    /// <summary>Whether a value of <c>ContextCount</c> is in its range.</summary>
    public static bool AllowsContextCount(int count) => count is >= 1 and <= MaxContextCount;

    /// <summary>Whether a value of <c>IdleTime</c> or <c>RoomTimeout</c> is in its range.</summary>
    public static bool AllowsTime(TimeSpan time) => time >= TimeSpan.FromMilliseconds(1) && time <= TimeSpan.FromDays(30);
}
