using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Determines where an output is actually written. A symbolic link is kept, and its target is created or replaced, so that a link can name a file
/// that is stored elsewhere.
/// </summary>
internal static class OutputTarget
{
    // The limit of Linux (ELOOP).
    private const int MaxLinkCount = 40;
    // As the default file systems of these operating systems compare names.
    private static readonly StringComparison s_comparison = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Returns the absolute path of the file or folder that a path leads to, whether it exists or not.</summary>
    /// <param name="path">The path as the user named it.</param>
    /// <exception cref="IOException">Its links form a cycle, or it is a pipe, a device or a socket.</exception>
    public static string Resolve(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        // A folder in the path may also be a link, and lead to the folder of the devices.
        string followed = Follow(full), target = LinkTarget(full) is null ? full : followed;
        // Renaming a file to /dev/null would replace the device, if the user may write there; only /dev/shm contains files. The same applies to
        // pipes, devices and sockets in other folders.
        return IsDevice(full) || IsDevice(followed) || SpecialFile.Is(followed)
            ? throw new IOException($"'{path}' is a device or a stream, which a file would replace; name a file.")
            : target;
    }

    /// <summary>Whether two paths lead to the same place when all links are followed; on Windows and macOS, whatever the case of their letters.</summary>
    /// <exception cref="IOException">The links of a path form a cycle.</exception>
    public static bool IsSame(string path, string other) => Follow(path).Equals(Follow(other), s_comparison);

    /// <summary>
    /// Resolves all links of a path, name by name, as the operating system does: ".." in a link is relative to the folder that really contains the
    /// link.
    /// </summary>
    /// <exception cref="IOException">The links form a cycle.</exception>
    public static string Follow(string path)
    {
        path = Path.GetFullPath(path);
        string resolved = Path.GetPathRoot(path)!;
        var names = new Stack<string>();
        Push(path[resolved.Length..]);
        for (int linkCount = 0; names.TryPop(out string? name);)
        {
            string next = name == ".." ? Path.GetDirectoryName(resolved) ?? resolved : Path.Combine(resolved, name);
            if (name == ".." || LinkTarget(next) is not { } link)
            {
                resolved = next;
                continue;
            }

            if (++linkCount > MaxLinkCount)
                throw new IOException(Invariant($"'{path}' is a link that leads through more than {MaxLinkCount} others, perhaps in a circle; name the file itself."));
            if (Path.GetPathRoot(link) is { Length: > 0 } root)
                (resolved, link) = (root, link[root.Length..]);
            Push(link);
        }

        return resolved;

        void Push(string relative)
        {
            foreach (string name in relative.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                if (name != ".")
                    names.Push(name);
            }
        }
    }

    private static string? LinkTarget(string path) => new FileInfo(path).LinkTarget;

    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows()
        && (path.StartsWith("/proc/", s_comparison) || (path.StartsWith("/dev/", s_comparison) && !path.StartsWith("/dev/shm/", s_comparison)));
}
