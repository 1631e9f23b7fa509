namespace Llama2.Architectures;

/// <summary>An architecture of the Llama family: its name in GGUF, the keys that begin with it, and its tensors. Immutable.</summary>
internal sealed class ModelArchitecture
{
    private ModelArchitecture(string name, string models, TensorTable tensors)
    {
        Name = name;
        Models = models;
        Tensors = tensors;
        Keys = new MetadataKeys(name);
    }

    /// <summary>Llama 1 and 2, and what was made of them.</summary>
    public static ModelArchitecture Llama { get; } = new("llama", "Llama 1, Llama 2 and their fine-tunes", LlamaTensors.All);

    /// <summary>Those whose models are read.</summary>
    public static IReadOnlyList<ModelArchitecture> All { get; } = [Llama];

    /// <summary>The name in GGUF's <c>general.architecture</c>.</summary>
    public string Name { get; }

    /// <summary>The models of this architecture, for error messages.</summary>
    public string Models { get; }

    /// <summary>The tensors of a model.</summary>
    public TensorTable Tensors { get; }

    /// <summary>The keys of the metadata.</summary>
    public MetadataKeys Keys { get; }

    /// <summary>The architecture of a name; null if its models are not read.</summary>
    public static ModelArchitecture? Find(string name) => All.FirstOrDefault(architecture => architecture.Name == name);
}
