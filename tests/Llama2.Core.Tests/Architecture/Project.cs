namespace Llama2.Tests.Architecture;

/// <summary>
/// A project of the repository: its rooms, which are the folders of its source, and the floor (layer number) of each. A room may use itself and rooms
/// on lower floors. A large room contains further rooms (<c>Templating/Values</c>), whose floors are compared only with each other; files of the
/// large room outside these rooms are above all of them.
/// </summary>
/// <param name="Name">The project's folder, under <c>src</c>.</param>
/// <param name="Namespace">The namespace of its public types.</param>
/// <param name="RootFloor">The floor of the files outside all rooms.</param>
/// <param name="Floors">Each room's floor.</param>
/// <param name="MaxRootFileCount">The maximum number of files outside all rooms.</param>
internal sealed record Project(string Name, string Namespace, int RootFloor, IReadOnlyDictionary<string, int> Floors, int MaxRootFileCount)
{
    /// <summary>The rooms of Core whose internal types the project uses. Each of them ties the project to one exact version of Core.</summary>
    public IReadOnlyCollection<string> CoreRooms { get; init; } = [];

    /// <summary>Whether the project may use the packages <c>Microsoft.Extensions.*</c>.</summary>
    public bool UsesMicrosoftExtensions { get; init; }

    /// <summary>Namespaces of other libraries in which public types may be declared, because users look for extension methods there.</summary>
    public IReadOnlyCollection<string> GuestNamespaces { get; init; } = [];

    public static Project Core { get; } = new(
        "Llama2.Core", "Llama2", RootFloor: 8,
        new Dictionary<string, int>
        {
            ["Memory"] = 0,
            ["Architectures"] = 0,
            ["Threading"] = 1,
            ["Quantization"] = 1,
            ["Kernels"] = 2,
            ["Tensors"] = 3,
            ["Formats"] = 3,
            ["Hardware"] = 4,
            ["Model"] = 4,
            ["Tokenization"] = 4,
            ["Sampling"] = 4,
            ["Templating"] = 4,
            ["Templating/Limits"] = 0,
            ["Templating/Characters"] = 1,
            ["Templating/Values"] = 2,
            ["Templating/Operations"] = 3,
            ["Templating/Attributes"] = 4,
            ["Templating/Filtering"] = 5,
            ["Templating/Globals"] = 5,
            ["Templating/Syntax"] = 6,
            ["Templating/Rendering"] = 7,
            ["Store"] = 4,
            ["Speculation"] = 5,
            ["Grammar"] = 5,
            ["Grammar/Regexes"] = 0,
            ["Grammar/Characters"] = 1,
            ["Grammar/Rules"] = 1,
            ["Grammar/Matching"] = 2,
            ["Grammar/Patterns"] = 2,
            ["Grammar/Gbnf"] = 3,
            ["Grammar/Schemas"] = 3,
            ["Conversion"] = 5,
            ["Generation"] = 6,
            ["Adapters"] = 7,
            ["Chat"] = 9,
            ["Chat/Tools"] = 0,
            ["Calibration"] = 9,
        },
        MaxRootFileCount: 15);

    public static Project Training { get; } = new(
        "Llama2.Training", "Llama2.Training", RootFloor: 7,
        new Dictionary<string, int>
        {
            ["Datasets"] = 0,
            ["Datasets/Reading"] = 0,
            ["Datasets/Forms"] = 1,
            ["Datasets/Descriptions"] = 2,
            ["Vocabularies"] = 0,
            ["Kernels"] = 0,
            ["Tensors"] = 1,
            ["Quantization"] = 2,
            ["Operations"] = 2,
            ["Checkpoints"] = 2,
            ["Optimizers"] = 3,
            ["Model"] = 4,
            ["Objectives"] = 5,
            ["Export"] = 6,
            ["Logs"] = 8,
        },
        MaxRootFileCount: 10)
    {
        CoreRooms = ["Memory", "Architectures", "Threading", "Quantization", "Kernels", "Tensors", "Formats", "Model", "Tokenization", "Sampling", "Conversion", "Adapters"],
        UsesMicrosoftExtensions = true,
    };

    public static Project Extensions { get; } = new(
        "Llama2.Extensions", "Llama2.Extensions", RootFloor: 5,
        new Dictionary<string, int>
        {
            ["Telemetry"] = 0,
            ["Chat"] = 1,
            ["Embeddings"] = 1,
            ["Loading"] = 2,
            ["Health"] = 3,
            ["Routing"] = 3,
            ["Hosting"] = 4,
        },
        MaxRootFileCount: 0)
    {
        UsesMicrosoftExtensions = true,
        GuestNamespaces = ["Microsoft.Extensions.DependencyInjection"],
    };

    public static Project Server { get; } = new(
        "Llama2.Server", "Llama2.Server", RootFloor: 7,
        new Dictionary<string, int>
        {
            ["Protocol"] = 0,
            ["Errors"] = 1,
            ["Accounting"] = 1,
            ["Models"] = 2,
            ["Requests"] = 2,
            ["Writing"] = 2,
            ["Answers"] = 3,
            ["Security"] = 3,
            ["Endpoints"] = 4,
            ["Anthropic"] = 5,
            ["Monitoring"] = 5,
            ["Description"] = 5,
            ["Responses"] = 5,
            ["LlamaCpp"] = 5,
            ["Page"] = 5,
            ["Hosting"] = 6,
        },
        MaxRootFileCount: 0)
    {
        UsesMicrosoftExtensions = true,
        GuestNamespaces = ["Microsoft.AspNetCore.Builder", "Microsoft.Extensions.DependencyInjection"],
    };

    public static Project Evaluation { get; } = new(
        "Llama2.Evaluation", "Llama2.Evaluation", RootFloor: 0,
        new Dictionary<string, int>
        {
            ["Data"] = 1,
            ["Data/Input"] = 0,
            ["Data/Parquet"] = 1,
            ["Data/Reading"] = 2,
            ["Data/Forms"] = 3,
            ["Python"] = 0,
            ["Scoring"] = 1,
            ["Requests"] = 1,
            ["Sandboxes"] = 1,
            ["ToolCalls"] = 1,
            ["Backends"] = 2,
            ["Tasks"] = 2,
            ["Code"] = 3,
            ["Judges"] = 3,
            ["Judges/Refusals"] = 0,
            ["Judges/Sentiment"] = 0,
            ["Judges/Toxicity"] = 0,
            ["Running"] = 3,
            ["Benchmarks"] = 4,
            ["Reports"] = 4,
            ["RedTeaming"] = 5,
            ["Harness"] = 5,
            ["Harness/Yaml"] = 0,
            ["Harness/Files"] = 1,
            ["Harness/Templates"] = 1,
            ["Harness/Functions"] = 2,
            ["Harness/Definitions"] = 3,
        },
        MaxRootFileCount: 8)
    {
        CoreRooms = ["Templating/Attributes", "Templating/Characters", "Templating/Filtering", "Templating/Limits", "Templating/Rendering", "Templating/Syntax", "Templating/Values"],
    };

    public static Project Guard { get; } = new(
        "Llama2.Guard", "Llama2.Guard", RootFloor: 3,
        new Dictionary<string, int>
        {
            ["Judging"] = 0,
            ["Text"] = 0,
            ["Policies"] = 1,
            ["Rules"] = 1,
            ["Models"] = 2,
            ["Clients"] = 2,
        },
        MaxRootFileCount: 0)
    {
        UsesMicrosoftExtensions = true,
        GuestNamespaces = ["Microsoft.Extensions.AI"],
    };

    public static Project Evaluators { get; } = new(
        "Llama2.Evaluators", "Llama2.Evaluators", RootFloor: 2,
        new Dictionary<string, int>
        {
            ["Contexts"] = 0,
            ["Text"] = 0,
            ["Evaluators"] = 1,
        },
        MaxRootFileCount: 0)
    {
        UsesMicrosoftExtensions = true,
    };

    public static Project Cli { get; } = new(
        "Llama2.Cli", "Llama2.Cli", RootFloor: 5,
        new Dictionary<string, int>
        {
            ["Terminal"] = 0,
            ["Input"] = 1,
            ["LineEditing"] = 1,
            ["Output"] = 1,
            ["Options"] = 2,
            ["Benchmarking"] = 3,
            ["Chat"] = 3,
            ["Constraints"] = 3,
            ["Evaluating"] = 3,
            ["Inspection"] = 3,
            ["Serving"] = 3,
            ["Training"] = 3,
            ["Commands"] = 4,
        },
        MaxRootFileCount: 15)
    {
        CoreRooms = ["Formats", "Memory"],
        UsesMicrosoftExtensions = true,
    };

    /// <summary>The room of a file according to its folders; empty for the root.</summary>
    public string RoomOf(string[] folders) => folders switch
    {
        [] => "",
        [string room, string inner, ..] when Floors.Keys.Any(key => key.StartsWith($"{room}/", StringComparison.Ordinal)) => $"{room}/{inner}",
        [string room, ..] => room,
    };

    /// <summary>
    /// The room that a qualified name refers to, or null. The name may be complete, or abbreviated as C# allows in a file that is in these folders
    /// of the project.
    /// </summary>
    public string? RoomNamed(string name, string[] folders)
    {
        // The name is Llama2.Training.Model.X or, in files of a namespace below Llama2, possibly Training.Model.X.
        string last = $"{Namespace.Split('.')[^1]}.";
        foreach (string prefix in (string[])[$"{Namespace}.", last])
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                return Deepest([], name[prefix.Length..].Split('.'));
        }

        return Enumerable.Range(0, folders.Length + 1).Select(count => Deepest(folders[..^count], name.Split('.'))).FirstOrDefault(room => room is not null);
    }

    /// <summary>Whether a room may use another room; the root folder has an empty name.</summary>
    public bool MayUse(string user, string used)
    {
        (string userOuter, string usedOuter) = (user.Split('/')[0], used.Split('/')[0]);
        if (userOuter != usedOuter)
            return FloorOf(userOuter) > FloorOf(usedOuter);
        return user == used || user == userOuter || (used != usedOuter && Floors[user] > Floors[used]);
    }

    /// <summary>A room's name and floor, for messages.</summary>
    public string Describe(string room) => room.Length == 0 ? $"the root ({RootFloor})" : $"{room} ({Floors[room]})";

    public SourceTree Read() => SourceTree.Read(this, RepositoryFiles.Committed("src", Name));

    private string? Deepest(string[] folders, string[] parts) =>
        new[] { 2, 1 }.Select(count => string.Join('/', [.. folders, .. parts.Take(count)])).FirstOrDefault(Floors.ContainsKey);

    private int FloorOf(string room) => room.Length == 0 ? RootFloor : Floors[room];
}
