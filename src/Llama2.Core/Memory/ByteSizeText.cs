using static System.FormattableString;

namespace Llama2.Memory;

/// <summary>
/// Formats sizes for messages that compare the memory needed with the memory available. The memory needed is rounded up and the memory available is
/// rounded down, so that a message never shows the same figure for both.
/// </summary>
internal static class ByteSizeText
{
    private const double MiB = 1 << 20;

    /// <summary>A size that is needed: in bytes below 1 MiB, in tenths of MiB below 100 MiB, else in MiB.</summary>
    public static string Needed(long byteSize) => Format(byteSize, Math.Ceiling);

    /// <summary>A size that is available, in the same units.</summary>
    public static string Available(long byteSize) => Format(byteSize, Math.Floor);

    private static string Format(long byteSize, Func<double, double> round) =>
        byteSize < MiB ? Invariant($"{byteSize:N0} bytes")
        : byteSize < 100 * MiB ? Invariant($"{round(byteSize / MiB * 10) / 10:N1} MiB")
        : Invariant($"{round(byteSize / MiB):N0} MiB");
}
