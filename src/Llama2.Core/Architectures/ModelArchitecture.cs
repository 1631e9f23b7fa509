namespace Llama2.Architectures;

/// <summary>An architecture of the Llama family: its name in GGUF, the keys that begin with it, and its tensors. Immutable.</summary>
internal sealed class ModelArchitecture
{
    private ModelArchitecture(string name, string models, TensorRoles tensors)
    {
        Name = name;
        Models = models;
        Tensors = tensors;
        Keys = new MetadataKeys(name);
    }

    /// <summary>Llama 1 and 2, and models derived from them.</summary>
    public static ModelArchitecture Llama { get; } = new("llama", "Llama 1, Llama 2 and their fine-tunes", LlamaTensors.All);

    /// <summary>The supported architectures.</summary>
    public static IReadOnlyList<ModelArchitecture> All { get; } = [Llama];

    /// <summary>The name in GGUF files, the value of <c>general.architecture</c>.</summary>
    public string Name { get; }

    /// <summary>A description of the architecture's models, for error messages.</summary>
    public string Models { get; }

    /// <summary>The tensors of a model.</summary>
    public TensorRoles Tensors { get; }

    /// <summary>The keys of the metadata.</summary>
    public MetadataKeys Keys { get; }

    /// <summary>The names of all architectures, for error messages.</summary>
    public static string Names => string.Join(", ", All.Select(known => $"'{known.Name}'"));

    /// <summary>The architecture with this name; null if it is not supported.</summary>
    public static ModelArchitecture? Find(string name) => All.FirstOrDefault(architecture => architecture.Name == name);

    /// <summary>Finds the tensor with a name in any supported architecture, for files that state no architecture; null if no architecture has such a tensor.</summary>
    /// <param name="space">The naming scheme of the name.</param>
    /// <param name="name">The name of the tensor.</param>
    public static (TensorRole Role, int Layer)? FindTensor(NameSpace space, string name)
    {
        foreach (ModelArchitecture architecture in All)
        {
            if (architecture.Tensors.Find(space, name) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
