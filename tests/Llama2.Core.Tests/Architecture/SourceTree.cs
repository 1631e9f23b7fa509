namespace Llama2.Tests.Architecture;

/// <summary>All C# files of a project, and the upward uses among them.</summary>
internal sealed class SourceTree(IReadOnlyList<SourceFile> files)
{
    public IReadOnlyList<SourceFile> Files => files;

    public static SourceTree Read(string folder) => new(
    [
        .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: Path.GetRelativePath(folder, path).Replace('\\', '/'), Full: path))
            .Where(file => !file.Path.StartsWith("obj/", StringComparison.Ordinal) && !file.Path.StartsWith("bin/", StringComparison.Ordinal))
            .OrderBy(file => file.Path, StringComparer.Ordinal)
            .Select(file => new SourceFile(file.Path, File.ReadAllText(file.Full))),
    ]);

    public IEnumerable<string> FindLayerFaults()
    {
        Dictionary<string, int> rootTypes = FindFloorsOfRootTypes();
        foreach (SourceFile file in files)
        {
            if (file.Namespace != file.ExpectedNamespace)
                yield return $"{file.Path}: the namespace is {file.Namespace}, the folder asks for {file.ExpectedNamespace}";
            if (!Layers.Numbers.TryGetValue(file.Folder, out int floor))
                continue;

            foreach (string used in file.UsedFolders.Where(used => !Layers.MayUse(file.Folder, used)))
                yield return $"{file.Path}: {file.Folder} ({floor}) uses {used} ({Layers.Numbers[used]})";
            foreach ((string type, int typeFloor) in rootTypes)
            {
                if (typeFloor > floor && file.Mentions(type))
                    yield return $"{file.Path}: {file.Folder} ({floor}) uses {type} of the root, which stands above floor {typeFloor - 1}";
            }
        }
    }

    // A type of the root namespace stands one above the highest floor that it uses, itself or through other types of the root. Exceptions
    // and options are everyone's.
    private Dictionary<string, int> FindFloorsOfRootTypes()
    {
        SourceFile[] root = [.. files.Where(file => file.Folder.Length == 0)];
        var floors = new Dictionary<string, int>();
        foreach (SourceFile file in root)
        {
            foreach (string type in file.TopLevelTypes)
                floors[type] = Math.Max(floors.GetValueOrDefault(type), IsEveryones(type) ? 0 : HighestUse(file));
        }

        bool hasChanged;
        do
        {
            hasChanged = false;
            foreach (SourceFile file in root)
            {
                int highest = floors.Where(type => file.Mentions(type.Key)).Select(type => type.Value).DefaultIfEmpty(0).Max();
                foreach (string type in file.TopLevelTypes.Where(type => floors[type] < highest && !IsEveryones(type)))
                {
                    floors[type] = highest;
                    hasChanged = true;
                }
            }
        }
        while (hasChanged);
        return floors;
    }

    private static int HighestUse(SourceFile file) => file.UsedFolders.Select(used => Layers.Numbers[used] + 1).DefaultIfEmpty(0).Max();

    private static bool IsEveryones(string type) =>
        type.EndsWith("Exception", StringComparison.Ordinal) || type.EndsWith("Options", StringComparison.Ordinal);
}
