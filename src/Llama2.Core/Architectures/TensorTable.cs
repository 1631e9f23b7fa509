namespace Llama2.Architectures;

/// <summary>The tensors that models of an architecture have, in the order in which files have them. Immutable.</summary>
internal sealed class TensorTable
{
    private readonly TensorRole[] _roles;

    /// <param name="roles">The tensors in order; the tensors of the layers are consecutive.</param>
    public TensorTable(params TensorRole[] roles)
    {
        _roles = roles;
        OfLayer = Array.FindAll(roles, role => role.IsOfLayer);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<TensorRole> Roles => _roles;

    /// <summary>Those that each layer has.</summary>
    public IReadOnlyList<TensorRole> OfLayer { get; }

    /// <summary>All tensors of a model: first the ones before the layers, then the ones of each layer, then the ones after the layers.</summary>
    /// <param name="layerCount">Layers of the model.</param>
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

    /// <summary>Whether a name is of a matrix of a layer.</summary>
    /// <param name="name">A name in GGUF.</param>
    public bool IsLayerMatrix(string name) => Find(NameSpace.Gguf, name) is ({ IsOfLayer: true, IsVector: false }, _);

    /// <summary>The tensor that a name is of; null if it is of none.</summary>
    /// <param name="space">Whose name it is.</param>
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
