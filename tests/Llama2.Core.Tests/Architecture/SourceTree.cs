namespace Llama2.Tests.Architecture;

/// <summary>All C# files of a project, and the upward uses among them.</summary>
internal sealed class SourceTree(Project project, IReadOnlyList<SourceFile> files)
{
    public IReadOnlyList<SourceFile> Files => files;

    public static SourceTree Read(Project project, string folder) => new(
        project,
        [
            .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Select(path => (Path: Path.GetRelativePath(folder, path).Replace('\\', '/'), Full: path))
                .Where(file => !file.Path.StartsWith("obj/", StringComparison.Ordinal) && !file.Path.StartsWith("bin/", StringComparison.Ordinal))
                .OrderBy(file => file.Path, StringComparer.Ordinal)
                .Select(file => new SourceFile(file.Path, File.ReadAllText(file.Full))),
        ]);

    public IEnumerable<string> FindFaults()
    {
        int rootFileCount = files.Count(file => file.Room.Length == 0);
        if (rootFileCount > project.MaxRootFileCount)
            yield return $"{project.Name}: {rootFileCount} files lie in no room; {project.MaxRootFileCount} may";

        (string Type, string Room)[] faces = [.. files.Where(file => file.Namespace == project.Namespace).SelectMany(file => file.TopLevelTypes.Select(type => (type, file.Room))).Distinct()];
        foreach (SourceFile file in files)
        {
            if (file.Room.Length > 0 && !project.Floors.ContainsKey(file.Room))
            {
                yield return $"{file.Path}: the room {file.Room} has no floor";
                continue;
            }

            foreach (string fault in FindFaults(file, faces))
                yield return $"{file.Path}: {fault}";
        }
    }

    private IEnumerable<string> FindFaults(SourceFile file, (string Type, string Room)[] faces)
    {
        string expected = file.IsFace ? project.Namespace : file.NamespaceIn(project);
        if (file.Namespace != expected)
            yield return $"the namespace is {file.Namespace}; {(file.IsFace ? "that of public types" : "the folder's")} is {expected}";

        int floor = project.FloorOf(file.Room);
        foreach (string used in file.MentionedRooms(project).Where(used => !project.MayUse(file.Room, used)))
            yield return $"{file.Room} ({floor}) uses {used} ({project.FloorOf(used)})";

        // Options hold what they are given, and are everyone's, as exceptions are.
        if (file.TopLevelTypes.All(IsEveryones))
            yield break;

        foreach ((string type, string room) in faces)
        {
            if (!project.MayUse(file.Room, room) && !IsEveryones(type) && file.Mentions(type))
                yield return $"{(file.Room.Length > 0 ? file.Room : "the root")} ({floor}) uses {type} of {(room.Length > 0 ? room : "the root")} ({project.FloorOf(room)})";
        }
    }

    private static bool IsEveryones(string type) =>
        type.EndsWith("Exception", StringComparison.Ordinal) || type.EndsWith("Options", StringComparison.Ordinal);
}
