using static System.FormattableString;

namespace Llama2.Cli.Serving;

/// <summary>The names by which requests choose the adapters of a server.</summary>
internal static class AdapterNames
{
    /// <summary>Returns the names of the files or folders without their extensions; a name that an earlier adapter has gets a number.</summary>
    /// <param name="paths">The adapters' files or folders.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> paths)
    {
        List<string> names = [];
        foreach (string path in paths)
        {
            // A name in the options must not contain an equals sign.
            string name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(path)).Replace('=', '-'), free = name;
            for (int number = 2; names.Contains(free, StringComparer.OrdinalIgnoreCase); number++)
                free = Invariant($"{name}-{number}");
            names.Add(free);
        }

        return names;
    }
}
