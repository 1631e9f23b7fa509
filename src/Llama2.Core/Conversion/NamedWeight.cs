using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>A tensor of a file with weights, before its name and its order of rows are converted to those of GGUF.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="FilePath">The file, for error messages.</param>
/// <param name="EntryOffset">The file offset of the tensor's description, for error messages.</param>
/// <param name="Shape">The lengths in the file's order, the row length last.</param>
/// <param name="Open">
/// A function that opens this tensor and gives it the name that is passed. It refuses a type or shape that is not supported; its error messages state
/// the file offset that is passed.
/// </param>
internal sealed record NamedWeight(string Name, string FilePath, long? EntryOffset, IReadOnlyList<long> Shape, Func<string, long?, ITensorSource> Open)
{
    /// <summary>
    /// Checks that the tensor has the required number of dimensions. As in PyTorch, additional dimensions are refused even if their length is 1.
    /// </summary>
    /// <exception cref="ModelFormatException">The tensor has more or fewer dimensions.</exception>
    public void RequireDimensionCount(int count)
    {
        if (Shape.Count != count)
            throw Fault("number of dimensions", Invariant($"{Shape.Count}, in the shape [{string.Join(", ", Shape)}]"), Invariant($"this tensor must have {count}; export it again in the shape that transformers or PEFT saves"));
    }

    /// <summary>Creates the exception for a property of the tensor.</summary>
    public ModelFormatException Fault(string property, string value, string limit) => new(FilePath, EntryOffset, $"{property} of '{Name}'", value, limit);
}
