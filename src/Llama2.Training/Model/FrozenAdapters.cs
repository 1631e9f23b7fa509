using System.Security.Cryptography;
using System.Text;
using Llama2.Adapters;
using Llama2.Training.Tensors;
using static System.FormattableString;

namespace Llama2.Training.Model;

/// <summary>Adapters that stay unchanged: a new adapter is trained on top of them. Each is multiplied by a scale.</summary>
internal sealed class FrozenAdapters : IDisposable
{
    private readonly List<(AdapterFile File, float Scale)> _adapters = [];

    /// <summary>The adapters, in the order in which they are applied.</summary>
    public IReadOnlyList<(AdapterFile File, float Scale)> Adapters => _adapters;

    /// <summary>The size of the numbers in memory, in bytes.</summary>
    public long ByteSize => _adapters.Sum(adapter => adapter.File.Pairs.Sum(pair => Matrix.ByteSizeFor(pair.A.RowCount, pair.A.RowLength) + Matrix.ByteSizeFor(pair.B.RowCount, pair.B.RowLength)));

    /// <summary>A digest of the adapters' content and scales; empty if there are none.</summary>
    public string Digest => string.Join(' ', _adapters.Select(adapter => Invariant($"{adapter.Scale:R}×{DigestOf(adapter.File)}")));

    /// <exception cref="ModelFormatException">A file is malformed, or does not fit the model.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static FrozenAdapters Open(IReadOnlyList<(string Path, float Scale)> adapters, ModelConfiguration model)
    {
        var opened = new FrozenAdapters();
        try
        {
            foreach ((string path, float scale) in adapters)
            {
                var file = AdapterFile.Open(path);
                opened._adapters.Add((file, scale));
                LoraLayout.RequireLayerMatrices(file, model);
                foreach (AdapterPair pair in file.Pairs)
                {
                    if (pair.Magnitudes is { } magnitudes)
                    {
                        throw magnitudes.Fault("a tensor's name", $"'{magnitudes.Name}'", "training on top of an adapter with magnitudes (DoRA) is not supported: merge it into the model, and train with the merged model");
                    }
                }
            }

            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Adds the adapters' changes of a tensor to a layer.</summary>
    /// <param name="projection">The layer; it is disposed with the returned layer.</param>
    /// <param name="name">The name of the layer's tensor.</param>
    /// <param name="headLength">The length of the model's heads.</param>
    /// <param name="workspace">The memory that all adapters share.</param>
    /// <returns>The layer with the changes.</returns>
    public Projection AddTo(Projection projection, string name, int headLength, LoraWorkspace workspace)
    {
        foreach ((AdapterFile file, float scale) in _adapters)
        {
            if (file.Pairs.FirstOrDefault(pair => pair.BaseName == name) is { } pair)
            {
                projection = new FrozenLoraProjection(projection, Read(pair.A, pair.A.ReadNumbers()), Read(pair.B, pair.OrderRows(pair.B.ReadNumbers(), headLength)), scale * pair.Scale, workspace);
            }
        }

        return projection;
    }

    /// <summary>A digest of an adapter's content.</summary>
    public static string DigestOf(AdapterFile file)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (AdapterPair pair in file.Pairs)
        {
            digest.AppendData(Encoding.UTF8.GetBytes(Invariant($"{pair.BaseName} {pair.Rank} {pair.Scale:R} {pair.HasHuggingFaceHeads} {pair.A.ReadType} {pair.B.ReadType}\0")));
            digest.AppendData(pair.A.ReadRows());
            digest.AppendData(pair.B.ReadRows());
            digest.AppendData(pair.Magnitudes?.ReadRows() ?? []);
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    public void Dispose() => _adapters.ForEach(adapter => adapter.File.Dispose());

    private static Matrix Read(AdapterTensor tensor, float[] numbers)
    {
        var matrix = new Matrix((int)tensor.RowCount, (int)tensor.RowLength);
        AdapterParameters.Copy(numbers, matrix);
        return matrix;
    }
}
