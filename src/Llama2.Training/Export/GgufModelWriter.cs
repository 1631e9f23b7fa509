using Llama2.Architectures;
using Llama2.Formats.Gguf;
using Llama2.Training.Tensors;

namespace Llama2.Training.Export;

/// <summary>Writes a trained model as GGUF in float32, with the metadata of the file with which training began.</summary>
internal static class GgufModelWriter
{
    // GGML's number for files whose tensors are all float32.
    private const uint AllSingle = 0;

    /// <exception cref="IOException">The file cannot be written to this path.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the incomplete file has been removed.</exception>
    public static void Write(
        string path, IReadOnlyList<Parameter> parameters, IReadOnlyDictionary<string, object> metadata, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
    {
        using var writer = new GgufWriter(path);
        foreach ((string key, object value) in metadata)
        {
            if (key != GeneralKeys.FileType)
            {
                writer.Add(key, value);
            }
        }

        writer.Add(GeneralKeys.FileType, AllSingle);
        GgufParameters.Write(writer, parameters, factorOf: null, progress, cancellationToken);
    }
}
