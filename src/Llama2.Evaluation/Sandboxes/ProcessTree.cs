using System.Globalization;

namespace Llama2.Evaluation.Sandboxes;

/// <summary>The processes of Linux, as /proc shows them.</summary>
internal static class ProcessTree
{
    /// <summary>The numbers of all direct and indirect children of each of the processes, by the process. The processes themselves are not included.</summary>
    public static ILookup<int, int> FindDescendants(IReadOnlyCollection<int> roots)
    {
        ILookup<int, int> children = All().ToLookup(ParentOf);
        return roots.SelectMany(root => Below(root, children), (root, process) => (root, process)).ToLookup(pair => pair.root, pair => pair.process);
    }

    /// <summary>The memory that the process has and that is not read from files, in bytes; 0 if the process has ended.</summary>
    public static long MemoryByteSizeOf(int process)
    {
        // RssAnon: private memory; RssShmem: memory shared between processes. The unit is 1,024 bytes.
        return Lines(process, "status").Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal) || line.StartsWith("RssShmem:", StringComparison.Ordinal))
            .Sum(line => 1024 * long.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture));
    }

    // Empty if /proc cannot be read. The sandbox is then refused, because the trial of the common memory limit fails.
    private static List<int> All()
    {
        try
        {
            return [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
                .Select(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : 0).Where(process => process > 0)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IEnumerable<int> Below(int root, ILookup<int, int> children)
    {
        // Processes may end and their numbers be used again while /proc is read, so what is read need not be a tree.
        var found = new HashSet<int> { root };
        var waiting = new Queue<int>([root]);
        while (waiting.TryDequeue(out int parent))
        {
            foreach (int child in children[parent].Where(found.Add))
            {
                waiting.Enqueue(child);
                yield return child;
            }
        }
    }

    // The line is "number (name) state parent …". The name may contain spaces and parentheses.
    private static int ParentOf(int process)
    {
        string line = Lines(process, "stat").FirstOrDefault() ?? "";
        string[] fields = line[(line.LastIndexOf(')') + 1)..].Split(' ', 4);
        return fields.Length > 2 && int.TryParse(fields[2], CultureInfo.InvariantCulture, out int parent) ? parent : 0;
    }

    private static string[] Lines(int process, string file)
    {
        try
        {
            return File.ReadAllLines($"/proc/{process}/{file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
