namespace Llama2.Tests.Architecture;

/// <summary>
/// A project of the repository: its rooms, which are the folders of its source, and the floors that they are on. A room may use rooms of
/// lower floors, and itself.
/// </summary>
/// <param name="Name">The project's folder, under <c>src</c>.</param>
/// <param name="Namespace">The namespace of its public types.</param>
/// <param name="RootFloor">The floor of what lies in no room.</param>
/// <param name="Floors">Each room's floor.</param>
/// <param name="MaxRootFileCount">How many files may lie in no room.</param>
internal sealed record Project(string Name, string Namespace, int RootFloor, IReadOnlyDictionary<string, int> Floors, int MaxRootFileCount)
{
    public static Project Core { get; } = new(
        "Llama2.Core", "Llama2", RootFloor: 7,
        new Dictionary<string, int>
        {
            ["Memory"] = 0,
            ["Threading"] = 0,
            ["Quantization"] = 1,
            ["Kernels"] = 2,
            ["Tensors"] = 3,
            ["Formats"] = 3,
            ["Hardware"] = 4,
            ["Model"] = 4,
            ["Tokenization"] = 4,
            ["Sampling"] = 4,
            ["Templating"] = 4,
            ["Store"] = 4,
            ["Conversion"] = 5,
            ["Generation"] = 5,
            ["Adapters"] = 6,
            ["Chat"] = 8,
            ["Calibration"] = 8,
        },
        MaxRootFileCount: 15);

    public static Project Cli { get; } = new(
        "Llama2.Cli", "Llama2.Cli", RootFloor: 5,
        new Dictionary<string, int>
        {
            ["Terminal"] = 0,
            ["Input"] = 1,
            ["Output"] = 1,
            ["Options"] = 2,
            ["Benchmarking"] = 3,
            ["Chat"] = 3,
            ["Inspection"] = 3,
            ["Training"] = 3,
            ["Commands"] = 4,
        },
        MaxRootFileCount: 15);

    /// <summary>The floor of a room, or of the root, whose name is empty.</summary>
    public int FloorOf(string room) => room.Length == 0 ? RootFloor : Floors[room];

    public bool MayUse(string user, string used) => user == used || FloorOf(user) > FloorOf(used);

    public SourceTree Read() => SourceTree.Read(this, RepositoryFiles.Committed("src", Name));
}
