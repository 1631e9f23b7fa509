namespace Llama2.Architectures;

/// <summary>The tensors of the models of an architecture, in the order in which files store them. Immutable.</summary>
internal sealed class TensorRoles
{
    private readonly TensorRole[] _roles;

    /// <param name="roles">The tensors in order; the tensors of the layers are consecutive.</param>
    public TensorRoles(params TensorRole[] roles)
    {
        _roles = roles;
        OfLayer = Array.FindAll(roles, role => role.IsOfLayer);
    }

    /// <summary>All tensors.</summary>
    public IReadOnlyList<TensorRole> Roles => _roles;

    /// <summary>The tensors that each layer has.</summary>
    public IReadOnlyList<TensorRole> OfLayer { get; }

    /// <summary>All tensors of a model: first those before the layers, then those of each layer, then those after the layers.</summary>
    /// <param name="layerCount">The number of layers of the model.</param>
    public IEnumerable<ModelTensor> Enumerate(int layerCount)
    {
        bool areLayersDone = false;
        foreach (TensorRole role in _roles)
        {
            if (!role.IsOfLayer)
            {
                yield return new ModelTensor(role, 0);
                continue;
            }

            for (int layer = 0; layer < layerCount && !areLayersDone; layer++)
            {
                foreach (TensorRole roleOfLayer in OfLayer)
                    yield return new ModelTensor(roleOfLayer, layer);
            }

            areLayersDone = true;
        }
    }

    /// <summary>Whether a name is the name of a matrix in a layer.</summary>
    /// <param name="name">A name in GGUF.</param>
    public bool IsLayerMatrix(string name) => Find(NameSpace.Gguf, name) is ({ IsOfLayer: true, IsVector: false }, _);

    /// <summary>Whether a name has the form of GGUF's tensor names, even if no model has a tensor of that name.</summary>
    public bool IsGgufName(string name) => name.StartsWith("blk.", StringComparison.Ordinal) || Find(NameSpace.Gguf, name) is not null;

    /// <summary>The tensor with a name; null if no tensor has this name.</summary>
    /// <param name="space">The naming scheme of the name.</param>
    /// <param name="name">The name.</param>
    public (TensorRole Role, int Layer)? Find(NameSpace space, string name)
    {
        foreach (TensorRole role in _roles)
        {
            if (role.IsNamed(space, name, out int layer))
            {
                return (role, layer);
            }
        }

        return null;
    }
}
