using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Determines the path to which an output is actually written. If the output is a symbolic link, the link is kept, and the file that it refers to is
/// created or replaced. The output can therefore be stored in a folder other than the one that the path names.
/// </summary>
internal static class OutputTarget
{
    // The maximum number of links that Linux follows (ELOOP).
    private const int MaxLinkCount = 40;
    // The default file systems of Windows and macOS ignore the case of names.
    private static readonly StringComparison s_comparison = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Returns the absolute path of the file or folder that a path leads to, whether or not this file or folder exists.</summary>
    /// <param name="path">The path, as the user gave it.</param>
    /// <exception cref="IOException">The path's links form a cycle, or the path leads to a pipe, a device or a socket.</exception>
    public static string Resolve(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        // A folder in the path may also be a link, and this link may lead to /dev.
        string followed = Follow(full), target = LinkTarget(full) is null ? full : followed;
        // If the user has permission to write to /dev, renaming a file to /dev/null would replace the device. Therefore every path in /dev is
        // refused, except those in /dev/shm, the only folder there that contains regular files. A pipe, a device or a socket in any other folder
        // would also be replaced.
        return IsDevice(full) || IsDevice(followed) || SpecialFile.Is(followed)
            ? throw new IOException($"'{path}' is a device or a stream, and writing a file would replace it; name a file.")
            : target;
    }

    /// <summary>
    /// Whether two paths lead to the same file or folder when all links are followed. On Windows and macOS, the case of letters is ignored.
    /// </summary>
    /// <exception cref="IOException">The links of a path form a cycle.</exception>
    public static bool IsSame(string path, string other) => Follow(path).Equals(Follow(other), s_comparison);

    /// <summary>
    /// Resolves all links of a path, name by name, as the operating system does: a ".." in a link's target starts from the folder in which the link
    /// is really stored.
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
