using System.Globalization;
using Llama2.Memory;
using static System.FormattableString;

namespace Llama2.Threading;

/// <summary>
/// Counts the processor cores that this process may use. The hardware threads of a core share its arithmetic units and first-level caches, so a
/// second thread gains nothing for kernels that saturate these units and caches.
/// </summary>
internal static class PhysicalCores
{
    // The highest processor number that is accepted in a list; Linux supports at most 8,192 processors.
    private const int MaxProcessor = 65_535;

    /// <summary>The result of <see cref="Count()"/>, computed once.</summary>
    public static int KnownCount { get; } = Count();

    /// <summary>The number of cores if the operating system states it in files, as Linux does; otherwise the number of logical processors.</summary>
    public static int Count() => OperatingSystem.IsLinux() ? Count("/", Environment.ProcessorCount) : Environment.ProcessorCount;

    /// <summary>The number of cores that Linux describes and on which the affinity of the process allows it to run.</summary>
    /// <param name="root">The folder that holds <c>proc</c> and <c>sys</c>.</param>
    /// <param name="processorCount">
    /// The number of logical processors that the process may use, reduced to a container's share of processor time. The result is never
    /// higher than this number, and equals it if a file is missing or malformed.
    /// </param>
    public static int Count(string root, int processorCount)
    {
        int count = CountSiblingGroups(root);
        return count > 0 ? Math.Min(count, processorCount) : processorCount;
    }

    // Returns 0 if the files do not state the number of cores.
    private static int CountSiblingGroups(string root)
    {
        string processors = Path.Combine(root, "sys", "devices", "system", "cpu");
        // The affinity may name processors that are offline or not present; for these, Linux has no topology files.
        if (ReadAffinity(Path.Combine(root, "proc", "self", "status")) is not { } allowed || ReadList(Path.Combine(processors, "online")) is not { } online)
        {
            return 0;
        }

        int count = 0;
        var counted = new HashSet<int>();
        foreach (int processor in allowed)
        {
            if (online.BinarySearch(processor) < 0 || counted.Contains(processor))
            {
                continue;
            }

            string topology = Path.Combine(processors, Invariant($"cpu{processor}"), "topology");
            // Before Linux 5.1, core_cpus_list was called thread_siblings_list.
            List<int>? siblings = ReadList(Path.Combine(topology, "core_cpus_list")) ?? ReadList(Path.Combine(topology, "thread_siblings_list"));
            if (siblings is null || !siblings.Contains(processor))
            {
                return 0;
            }

            counted.UnionWith(siblings);
            count++;
        }

        return count;
    }

    private static List<int>? ReadAffinity(string path)
    {
        const string Name = "Cpus_allowed_list:";
        foreach (ReadOnlySpan<char> line in SystemFile.ReadText(path).AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Name))
            {
                return ParseList(line[Name.Length..]);
            }
        }

        return null;
    }

    private static List<int>? ReadList(string path) => ParseList(SystemFile.ReadText(path));

    // Parses an ascending list such as 0-3,8,10-11; returns null for anything else.
    private static List<int>? ParseList(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        var list = new List<int>();
        foreach (Range part in text.Split(','))
        {
            ReadOnlySpan<char> range = text[part];
            int dash = range.IndexOf('-');
            if (!TryParse(dash < 0 ? range : range[..dash], out int first)
                || !TryParse(dash < 0 ? range : range[(dash + 1)..], out int last)
                || first > last
                || last > MaxProcessor
                || (list.Count > 0 && first <= list[^1]))
            {
                return null;
            }

            for (int processor = first; processor <= last; processor++)
            {
                list.Add(processor);
            }
        }

        return list;
    }

    private static bool TryParse(ReadOnlySpan<char> digits, out int value) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
