namespace Llama2.Tests.Architecture;

/// <summary>All C# files of a project. Finds uses of higher floors.</summary>
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

    /// <summary>Rooms of Core that the project's list allows but no file uses.</summary>
    public IEnumerable<string> FindUnenteredRooms() => project.CoreRooms.Except(files.SelectMany(EnteredRoomsOfCore));

    public IEnumerable<string> FindFaults()
    {
        int rootFileCount = files.Count(file => file.Room.Length == 0);
        if (rootFileCount > project.MaxRootFileCount)
            yield return $"{project.Name}: {rootFileCount} files lie in no room; {project.MaxRootFileCount} may";

        (string Type, string Namespace, string Room)[] types =
        [
            .. files.SelectMany(file => file.TopLevelTypes.Select(type => (type, file.Namespace ?? "", project.RoomOf(file.Folders)))).Distinct()
                .Where(type => type.Item3.Length == 0 || project.Floors.ContainsKey(type.Item3)),
        ];
        foreach (SourceFile file in files)
        {
            string room = project.RoomOf(file.Folders);
            if (room.Length > 0 && !project.Floors.ContainsKey(room))
            {
                yield return $"{file.Path}: the room {room} has no floor";
                continue;
            }

            foreach (string fault in FindFaults(file, room, types))
                yield return $"{file.Path}: {fault}";
        }
    }

    private IEnumerable<string> FindFaults(SourceFile file, string room, (string Type, string Namespace, string Room)[] types)
    {
        string expected = file.IsFace ? project.Namespace : file.NamespaceIn(project);
        if (file.Namespace != expected && !(file.IsFace && project.GuestNamespaces.Contains(file.Namespace)))
            yield return $"the namespace is {file.Namespace}; {(file.IsFace ? "that of public types" : "the folder's")} is {expected}";

        foreach (string entered in EnteredRoomsOfCore(file).Except(project.CoreRooms))
            yield return $"enters Core's room {entered}, which is not on the project's list";

        IEnumerable<string> usedRooms = file.QualifiedNames.Select(name => project.RoomNamed(name, file.Folders)).OfType<string>().Distinct();
        foreach (string used in usedRooms.Where(used => !project.MayUse(room, used)))
            yield return $"{project.Describe(room)} uses {project.Describe(used)}";

        // Every room may use options and exceptions, although options have properties of any room's types.
        if (file.TopLevelTypes.All(IsEveryones))
            yield break;

        // Types of the namespaces that enclose the file's namespace need no using directive.
        foreach ((string type, string space, string used) in types)
        {
            if (!project.MayUse(room, used) && !IsEveryones(type) && IsAround(space, file.NamespaceIn(project)) && file.Mentions(type))
                yield return $"{project.Describe(room)} uses {type} of {project.Describe(used)}";
        }
    }

    // If a name begins with one of the project's own rooms, it means that room and not Core's room of the same name.
    private IEnumerable<string> EnteredRoomsOfCore(SourceFile file) => project == Project.Core
        ? []
        : file.QualifiedNames.Where(name => project.RoomNamed(name, file.Folders) is null)
            .Select(name => Project.Core.RoomNamed(name, [])).OfType<string>().Distinct();

    private static bool IsAround(string outer, string inner) => inner == outer || inner.StartsWith($"{outer}.", StringComparison.Ordinal);

    private static bool IsEveryones(string type) =>
        type.EndsWith("Exception", StringComparison.Ordinal) || type.EndsWith("Options", StringComparison.Ordinal);
}
