using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using static System.FormattableString;

namespace Llama2;

/// <summary>
/// States the size of the activations by which each column of each weight matrix is multiplied. The activations were measured
/// while the model read a text ("imatrix" in llama.cpp). Errors of weights in columns with large activations do the most harm, so
/// <see cref="ModelQuantizer"/> keeps the errors in these columns smallest. Immutable and thread-safe.
/// </summary>
public sealed class ImportanceMatrix
{
    private readonly ImatrixFile _file;
    private readonly Dictionary<string, ColumnSquares> _columns;
    private readonly string _path;

    internal ImportanceMatrix(ImatrixFile file, string path)
    {
        _file = file;
        _path = path;
        _columns = new(StringComparer.Ordinal);
        foreach (ColumnSquares entry in file.Columns)
        {
            if (!_columns.TryAdd(entry.Name, entry))
            {
                throw new ModelFormatException(path, null, "an entry's name", $"'{entry.Name}'", "two entries have this name: the file is damaged");
            }
        }
    }

    /// <summary>The number of weight matrices in this importance matrix.</summary>
    public int Count => _columns.Count;

    /// <summary>The number of windows of text that the model has read; 0 if the file does not state it.</summary>
    public int WindowCount => _file.WindowCount;

    /// <summary>The number of tokens in a window; 0 if the file does not state it.</summary>
    public int WindowLength => _file.WindowLength;

    /// <summary>The names of the texts, as given when the importance matrix was computed.</summary>
    public IReadOnlyList<string> Datasets => _file.Datasets;

    /// <summary>
    /// Reads a file that <see cref="Save"/> or llama.cpp's llama-imatrix wrote, in the GGUF format or in the older format of llama-imatrix.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFormatException">The file is not an importance matrix, or is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied, or the path is a folder.</exception>
    /// <remarks>The method is synchronous because reading a few megabytes takes milliseconds.</remarks>
    public static ImportanceMatrix Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ImportanceMatrix(ImatrixFile.Read(path), path);
    }

    /// <summary>Writes a file in llama.cpp's GGUF format. The file appears under its name only when it is complete.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <remarks>The method is synchronous because writing a few megabytes takes milliseconds.</remarks>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        GgufImatrix.Write(path, _file);
    }

    /// <summary>The mean of the squared activations for each column of a tensor; null if the tensor is not in the importance matrix.</summary>
    /// <exception cref="ModelFormatException">The tensor has a different number of columns: the importance matrix belongs to another model.</exception>
    internal float[]? Find(TensorDescription tensor)
        => !_columns.TryGetValue(tensor.Name, out ColumnSquares? columns) ? null
            : columns.Sums.Length == tensor.RowLength ? columns.Means()
            : throw new ModelFormatException(
                _path, null, $"columns of '{tensor.Name}'", Invariant($"{columns.Sums.Length:N0}"), Invariant($"the model's matrix has {tensor.RowLength:N0}: the importance matrix belongs to another model"));

    /// <summary>Records in the metadata of a quantized model which importance matrix was used, with the keys of llama-quantize.</summary>
    internal void AddTo(GgufWriter writer)
    {
        writer.Add(ImportanceKeys.ModelFile, Path.GetFileName(_path));
        if (Datasets.Count > 0)
        {
            writer.Add(ImportanceKeys.ModelDataset, Datasets[0]);
        }

        writer.Add(ImportanceKeys.ModelEntryCount, (uint)Count);
        if (WindowCount > 0)
        {
            writer.Add(ImportanceKeys.ModelWindowCount, (uint)WindowCount);
        }
    }
}
