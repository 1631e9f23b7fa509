using System.Globalization;

namespace Llama2.Memory;

/// <summary>
/// The memory limit of the process's control group, that is, of its container, service or pod. The garbage collector respects the limit too: the
/// managed heap may take three quarters of it. Weights, keys and values are not on the managed heap.
/// </summary>
internal static class ContainerMemory
{
    /// <summary>The limit when this property was first read; null if there is no limit, or if the operating system is not Linux.</summary>
    public static long? KnownLimit { get; } = OperatingSystem.IsLinux() ? FindLimit("/") : null;

    /// <summary>The lowest limit of the process's group and of the groups that contain it, in bytes.</summary>
    /// <param name="root">The folder that holds <c>proc</c> and <c>sys</c>.</param>
    /// <returns>The limit; null if it is not below the machine's memory, or if the files do not state one.</returns>
    public static long? FindLimit(string root)
    {
        long limit = long.MaxValue;
        string groups = Path.Combine(root, "sys", "fs", "cgroup");
        // Lines such as 0::/system.slice/llama.service (version 2 of control groups) or 4:memory:/docker/5cb3 (version 1); a machine may use both.
        foreach (string line in SystemFile.ReadText(Path.Combine(root, "proc", "self", "cgroup")).Split('\n'))
        {
            if (line.Split(':', 3) is not [_, string controllers, string path])
            {
                continue;
            }

            if (controllers.Length == 0)
            {
                limit = Math.Min(limit, LeastLimit(groups, path, "memory.max"));
            }
            else if (controllers.Split(',').Contains("memory"))
            {
                limit = Math.Min(limit, LeastLimit(Path.Combine(groups, "memory"), path, "memory.limit_in_bytes"));
            }
        }

        // Version 1 states a limit of eight exabytes if there is no limit.
        return limit < MachineByteSize(root) ? limit : null;
    }

    // The lowest limit from the top folder down to the folder of the process's group. In a container, the top folder may be that of the container's
    // own group; the folder at the end of the path may then be missing. A path with '..' leads out of the container's namespace of control groups,
    // and has no folder inside the container.
    private static long LeastLimit(string folder, string path, string fileName)
    {
        long limit = ReadLimit(Path.Combine(folder, fileName));
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == "..")
            {
                break;
            }

            folder = Path.Combine(folder, name);
            limit = Math.Min(limit, ReadLimit(Path.Combine(folder, fileName)));
        }

        return limit;
    }

    // The word "max", or a missing file, means that there is no limit.
    private static long ReadLimit(string path)
        => long.TryParse(SystemFile.ReadText(path).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : long.MaxValue;

    private static long MachineByteSize(string root)
    {
        const string Name = "MemTotal:", Unit = "kB";
        foreach (ReadOnlySpan<char> line in SystemFile.ReadText(Path.Combine(root, "proc", "meminfo")).AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Name)
                && line.EndsWith(Unit)
                && long.TryParse(line[Name.Length..^Unit.Length].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes)
                && kibibytes <= long.MaxValue >> 10)
            {
                return kibibytes << 10;
            }
        }

        return long.MaxValue >> 1;
    }
}
