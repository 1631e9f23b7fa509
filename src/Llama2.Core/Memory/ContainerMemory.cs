using System.Globalization;

namespace Llama2.Memory;

/// <summary>
/// The memory limit of the process' control group, which is that of its container, service or pod. The garbage collector knows it too, and
/// gives itself three quarters; weights, keys and values are not on its heap.
/// </summary>
internal static class ContainerMemory
{
    /// <summary>What the limit was when it was first asked for; null without a limit, and where the operating system is not Linux.</summary>
    public static long? KnownLimit { get; } = OperatingSystem.IsLinux() ? FindLimit("/") : null;

    /// <summary>The least limit of the process' group and of those that contain it, in bytes.</summary>
    /// <param name="root">The folder that holds <c>proc</c> and <c>sys</c>.</param>
    /// <returns>Null if there is none below the machine's memory, or if the files do not tell.</returns>
    public static long? FindLimit(string root)
    {
        long limit = long.MaxValue;
        string groups = Path.Combine(root, "sys", "fs", "cgroup");
        // Such as 0::/system.slice/llama.service in the second version, 4:memory:/docker/5cb3 in the first; a machine may have both.
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

        // The first version writes a limit of eight exabytes where there is none.
        return limit < MachineByteSize(root) ? limit : null;
    }

    // From the top, which is what a container sees of its own group, down to the group itself, which it does not see if it has no namespace
    // of groups. A path that leads out of such a namespace has no folder here.
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

    // The word "max", or no file, is no limit.
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
