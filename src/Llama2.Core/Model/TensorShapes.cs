using System.Globalization;
using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Quantization;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>
/// The tensors of a model with a given configuration, and their shapes. All code that reads or writes a model file first checks the file's tensors
/// against this list, so that no file is written that cannot be loaded. Immutable.
/// </summary>
internal sealed class TensorShapes
{
    private readonly Dictionary<string, Shape> _tensors = new(StringComparer.Ordinal);

    public TensorShapes(ModelConfiguration configuration)
    {
        ModelDimensions dimensions = configuration.Dimensions;
        foreach ((TensorRole role, int layer) in configuration.Family.Tensors.Enumerate(configuration.LayerCount))
        {
            _tensors.Add(role.Name(layer), new Shape(role, dimensions[role.Columns], dimensions[role.Rows]));
        }
    }

    /// <summary>Checks that a file has every tensor, each with its shape and of a supported type, and no others.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, unknown, of a wrong shape or of an unsupported type.</exception>
    public void Require(IModelFile file)
    {
        foreach (TensorDescription tensor in file.Tensors)
        {
            // Ignoring a tensor that the forward pass does not read, such as a bias, would silently change the model's answers.
            bool isIgnored = LlamaTensors.IsRotaryFrequencies(NameSpace.Gguf, tensor.Name);
            if (!isIgnored && !_tensors.ContainsKey(tensor.Name))
            {
                throw Fault(file, tensor, "a tensor named", $"'{tensor.Name}'", "a Llama model of this configuration has no such tensor");
            }

            if (!isIgnored && !WeightFormats.IsSupported(tensor.Type))
            {
                throw Fault(file, tensor, $"the type of '{tensor.Name}'", tensor.Type.ToString(), $"supported are {string.Join(", ", WeightFormats.Supported)}");
            }
        }

        foreach ((string name, Shape known) in _tensors)
        {
            if (!known.Role.IsOptional && !file.TryGetTensor(name, out _))
            {
                throw new ModelFormatException(file.Path, null, $"tensor '{name}'", "absent", "every Llama model must have it: the file is incomplete");
            }
        }

        CheckShapes(file);
    }

    /// <summary>Checks the shapes of the tensors that a file has; some may be missing, and there may be others.</summary>
    /// <exception cref="ModelFormatException">A tensor is of a wrong shape.</exception>
    public void CheckShapes(IModelFile file)
    {
        foreach (TensorDescription tensor in file.Tensors)
        {
            if (_tensors.TryGetValue(tensor.Name, out Shape? known))
            {
                Check(file, tensor, known.RowLength, known.RowCount);
            }
            else if (LlamaTensors.IsRotaryFrequencies(NameSpace.Gguf, tensor.Name) && tensor.RowLength * (Int128)tensor.RowCount > ModelConfiguration.MaxWidth)
            {
                // The tensor is never read, but it is copied with the others.
                throw Fault(file, tensor, $"the size of '{tensor.Name}'", Text(tensor), Invariant($"it must have one rotary frequency for each pair of elements of a head, and at most {ModelConfiguration.MaxWidth:N0}: the file is damaged"));
            }
        }
    }

    // A matrix has two dimensions and a vector has one; writers may append dimensions of length 1, which have no effect.
    private static void Check(IModelFile file, TensorDescription tensor, long rowLength, long rowCount)
    {
        long second = tensor.Dimensions.Count > 1 ? tensor.Dimensions[1] : 1;
        if (tensor.RowLength != rowLength || second != rowCount || tensor.RowCount != rowCount)
        {
            throw Fault(
                file, tensor, $"the shape of '{tensor.Name}'", Text(tensor), Invariant($"according to the configuration it must be {rowLength:N0} × {rowCount:N0}: the file mixes two models"));
        }
    }

    private static string Text(TensorDescription tensor)
        => tensor.Dimensions.Count == 1 ? Invariant($"{tensor.RowLength:N0} × 1") : string.Join(" × ", tensor.Dimensions.Select(length => length.ToString("N0", CultureInfo.InvariantCulture)));

    private static ModelFormatException Fault(IModelFile file, TensorDescription tensor, string field, string value, string limit)
        => new(file.Path, tensor.EntryOffset, field, value, limit);

    private sealed record Shape(TensorRole Role, long RowLength, long RowCount);
}
