using System.Globalization;
using System.Runtime.CompilerServices;

namespace Llama2.Architectures;

/// <summary>
/// Describes a tensor that a model has once, or once in each layer: its names, its shape and its treatment. There is one object for each role, and
/// roles are compared by reference. In names, <c>*</c> stands for the number of the layer. Immutable.
/// </summary>
internal sealed class TensorRole
{
    private const char LayerMark = '*';

    private readonly string _gguf;
    private readonly string? _huggingFace, _meta;

    /// <param name="gguf">The name in GGUF.</param>
    /// <param name="huggingFace">The name in Hugging Face's models; null if they do not have the tensor.</param>
    /// <param name="meta">The name in Meta's checkpoints; null if they do not have the tensor.</param>
    /// <param name="rows">The number of rows, which are the outputs of a matrix; <see cref="Dimension.One"/> for a vector.</param>
    /// <param name="columns">The number of columns, which are the inputs of a matrix; the length of a vector.</param>
    /// <param name="id">The name in this library.</param>
    public TensorRole(string gguf, string? huggingFace, string? meta, Dimension rows, Dimension columns, [CallerMemberName] string id = "")
    {
        _gguf = gguf;
        _huggingFace = huggingFace;
        _meta = meta;
        Rows = rows;
        Columns = columns;
        Id = id;
    }

    /// <summary>The name in this library, such as <c>Query</c>.</summary>
    public string Id { get; }

    /// <summary>The number of rows, which are the outputs of a matrix; <see cref="Dimension.One"/> for a vector.</summary>
    public Dimension Rows { get; }

    /// <summary>The number of columns, which are the inputs of a matrix; the length of a vector.</summary>
    public Dimension Columns { get; }

    /// <summary>Whether the tensor has one dimension instead of two.</summary>
    public bool IsVector => Rows == Dimension.One;

    /// <summary>Whether each layer has such a tensor; if false, the model has only one.</summary>
    public bool IsOfLayer => _gguf.Contains(LayerMark);

    /// <summary>Whether a model can be run without the tensor.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Whether a LoRA adapter is allowed to change the tensor.</summary>
    public bool TakesLora { get; init; }

    /// <summary>
    /// Whether the rotary embedding rotates pairs of outputs of this matrix. Each output is computed from one row. In a head, Hugging Face stores the
    /// first rows of all pairs, then the second rows of all pairs. In the other naming schemes, the two rows of a pair are neighbours.
    /// </summary>
    public bool IsRotated { get; init; }

    /// <summary>Whether the outputs of this matrix are added to the residual stream, once in each layer.</summary>
    public bool WritesToResidual { get; init; }

    /// <summary>The rule by which llama.cpp's mixes choose the tensor's format.</summary>
    public MixRule Mix { get; init; }

    /// <summary>How the shards of Meta's checkpoints divide the tensor.</summary>
    public TensorSplit Split { get; init; }

    /// <summary>
    /// The name of the tensor's module in Hugging Face's models, without the names of the enclosing modules, such as <c>q_proj</c>. Null if they do
    /// not have the tensor.
    /// </summary>
    public string? ModuleName => _huggingFace?.Split('.')[^2];

    /// <summary>The name in GGUF.</summary>
    /// <param name="layer">The layer of the tensor; ignored if the tensor belongs to no layer.</param>
    public string Name(int layer = 0) => WithLayer(_gguf, layer);

    /// <summary>The name in a naming scheme; null if that scheme has no such tensor.</summary>
    /// <param name="space">The naming scheme.</param>
    /// <param name="layer">The layer of the tensor; ignored if the tensor belongs to no layer.</param>
    public string? NameIn(NameSpace space, int layer = 0) => PatternIn(space) is { } pattern ? WithLayer(pattern, layer) : null;

    /// <summary>Whether a name is the name of this tensor in any layer.</summary>
    /// <param name="space">The naming scheme of the name.</param>
    /// <param name="name">The name.</param>
    /// <param name="layer">The layer that the name contains; 0 if the tensor belongs to no layer.</param>
    public bool IsNamed(NameSpace space, string name, out int layer)
    {
        layer = 0;
        if (PatternIn(space) is not { } pattern)
        {
            return false;
        }

        if (!pattern.Contains(LayerMark))
        {
            return name == pattern;
        }

        int before = pattern.IndexOf(LayerMark), after = pattern.Length - before - 1, length = name.Length - before - after;
        return length > 0 && name.AsSpan().StartsWith(pattern.AsSpan(0, before)) && name.AsSpan().EndsWith(pattern.AsSpan(before + 1))
            // Leading zeros are refused, so that each layer has only one name.
            && (length == 1 || name[before] != '0')
            && int.TryParse(name.AsSpan(before, length), NumberStyles.None, CultureInfo.InvariantCulture, out layer);
    }

    public override string ToString() => Id;

    private static string WithLayer(string pattern, int layer) => pattern.Replace($"{LayerMark}", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private string? PatternIn(NameSpace space) => space switch { NameSpace.Gguf => _gguf, NameSpace.HuggingFace => _huggingFace, _ => _meta };
}
